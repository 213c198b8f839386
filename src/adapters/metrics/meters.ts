// The metrics of the keeper, kept and printed by prom-client. It is loaded here and nowhere else, and only where the policy asks for
// metrics.
import type { Counter, Gauge, Histogram } from 'prom-client';
import {
  metrics,
  type Count,
  type GaugeName,
  type HistogramName,
  type LabelsOf,
  type MetricSpec,
} from '../../core/metrics/table.ts';

/** Keeps the metrics of the table (core/metrics/table.ts). Nothing here waits, and nothing throws for a value that is a number. */
export interface Meters {
  /** Adds to a counter: 1, or `by`; 0 makes its series appear. */
  count(count: Count, by?: number): void;
  set<N extends GaugeName>(name: N, labels: LabelsOf<N>, value: number): void;
  /** Forgets all series of a gauge: what is not set again before the next text is not in it. */
  clear(name: GaugeName): void;
  /** @param value in the unit of the name */
  observe(name: HistogramName, value: number): void;
  /** All series in Prometheus' text format 0.0.4. */
  text(): Promise<string>;
  readonly contentType: string;
}

/** Loads the library; a gauge without a value has no series. @throws Error when it cannot be loaded */
export async function openMeters(): Promise<Meters> {
  const { Counter, Gauge, Histogram, Registry } = (await import('prom-client')).default;
  const shelf = new Registry();
  const counters = new Map<string, Counter>();
  const gauges = new Map<string, Gauge>();
  const histograms = new Map<string, Histogram>();
  for (const [name, { type, about, labels, buckets = [] }] of Object.entries<MetricSpec>(metrics)) {
    const given = { name, help: about, labelNames: labels, registers: [shelf] };
    if (type === 'counter') counters.set(name, new Counter(given));
    else if (type === 'gauge') gauges.set(name, emptied(new Gauge(given), labels));
    else histograms.set(name, new Histogram({ ...given, buckets: [...buckets] }));
  }
  return {
    count: ({ metric, labels }, by = 1) => counters.get(metric)?.inc(labels, by),
    set: (name, labels, value) => gauges.get(name)?.set(labels, value),
    clear: (name) => {
      const gauge = gauges.get(name);
      if (gauge !== undefined) emptied(gauge, metrics[name].labels);
    },
    observe: (name, value) => histograms.get(name)?.observe(value),
    text: async () => shelf.metrics(),
    contentType: shelf.contentType,
  };
}

/** The library gives a gauge without labels the value 0 at once; a time or a size that nobody has read yet has no value. */
function emptied(gauge: Gauge, labels: readonly string[]): Gauge {
  gauge.reset();
  if (labels.length === 0) gauge.remove();
  return gauge;
}
