// docs/metrics.md has every metric as the code has it; alerts and dashboard name no other; and an alert on a counter sees its first increase.
import { expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { metricsTable, metricsTitle } from '../../scripts/docs/metrics.ts';
import { countsFromZero } from '../../src/core/metrics/journal-counts.ts';
import { metrics, type MetricSpec } from '../../src/core/metrics/table.ts';
import { watchedCodes } from '../../src/keeper/metrics/follow.ts';
import { sources, top } from './sources.ts';

const read = (path: string): string => readFileSync(join(top, path), 'utf8');
const known: Readonly<Record<string, MetricSpec>> = metrics;

const { groups } = parse(read('deploy/prometheus/alerts.yaml')) as {
  groups: readonly { rules: readonly { alert: string; expr: string }[] }[];
};
const alerts = groups.flatMap(({ rules }) => rules.map(({ alert, expr }) => ({ of: alert, expr })));
const { panels } = JSON.parse(read('deploy/grafana/tmux-gate.json')) as {
  panels: readonly { title: string; targets?: readonly { expr: string }[] }[];
};
const queries = panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => ({ of: title, expr })));

/** The metrics of an expression, histograms by the name of the whole. */
const namesIn = (expr: string): readonly string[] =>
  (expr.match(/\b(?:tmux_gate|process|nodejs)_\w+/g) ?? []).map((name) => {
    const whole = name.replace(/_(?:bucket|sum|count)$/, '');
    return known[whole]?.type === 'histogram' ? whole : name;
  });

test('the table of metrics is that of the code (npm run docs)', () => {
  const text = read('docs/metrics.md');
  expect(text.slice(text.indexOf(metricsTitle))).toBe(metricsTable());
});

test('alerts and dashboard name metrics that exist', () => {
  const wrong = [...alerts, ...queries].flatMap(({ of, expr }) =>
    namesIn(expr)
      .filter((name) => !Object.hasOwn(known, name))
      .map((name) => `${of}: ${name}`),
  );
  expect(wrong).toEqual([]);
  expect(queries.length).toBeGreaterThan(40);
});

test('every metric of ours is on the dashboard', () => {
  const shown = new Set(queries.flatMap(({ expr }) => namesIn(expr)));
  expect(Object.keys(known).filter((name) => !shown.has(name))).toEqual([]);
});

test('each series whose increase is an alert is there with 0 from the start', () => {
  const fromZero = countsFromZero.map(({ metric, labels }) => JSON.stringify([metric, Object.values(labels)]));
  const missing = alerts.flatMap(({ of, expr }) =>
    [...expr.matchAll(/increase\((\w+_total)(?:\{(\w+)=~?"([^"]*)"\})?\[/g)].flatMap(
      ([, name = '', label, values = '']) => {
        if (name === 'tmux_gate_visits_total')
          return values
            .split('|')
            .filter((code) => !watchedCodes.some((watched) => watched === code))
            .map((code) => `${of}: ${code}`);
        const series = JSON.stringify([name, label === undefined ? [] : [values]]);
        return fromZero.includes(series) ? [] : [`${of}: ${series}`];
      },
    ),
  );
  expect(missing).toEqual([]);
});

test('the library is loaded by one file, and only where the policy asks for metrics', () => {
  const loading = sources('src/**/*.ts').flatMap(({ path, imports }) =>
    imports.filter(({ of, type }) => of === 'prom-client' && !type).map(({ lazy }) => ({ path, lazy })),
  );
  expect(loading).toEqual([{ path: 'src/adapters/metrics/meters.ts', lazy: true }]);
});
