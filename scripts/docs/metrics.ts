// The last section of docs/metrics.md, from src/core/metrics/table.ts.
import { metricTopics, type MetricSpec } from '../../src/core/metrics/table.ts';
import { table } from './document.ts';

export const metricsTitle = '## All metrics\n';

const about = `
Made from \`src/core/metrics/table.ts\` by \`scripts/metrics-table.ts\`. A histogram has the series \`_bucket\`, \`_sum\` and \`_count\`. Times are Unix times in
seconds.

`;

const row = ([name, { type, labels, about: says }]: readonly [string, MetricSpec]): readonly string[] => [
  `\`${name}\``,
  type,
  labels.map((label) => `\`${label}\``).join(', '),
  says,
];

export function metricsTable(): string {
  const parts = Object.entries(metricTopics).map(([topic, metrics]) => {
    const rows = Object.entries<MetricSpec>(metrics).map(row);
    return `### ${topic}\n\n${table(['metric', 'type', 'labels', 'what'], rows)}`;
  });
  return metricsTitle + about + parts.join('\n');
}
