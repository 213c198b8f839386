// The schema of `metrics`: where metrics can be read, and by whom.
import * as z from 'zod';
import type { MetricsPolicy } from '../core/policy-types.ts';
import { account, path } from './fields.ts';
import { at, type Rule } from './raw.ts';

const problem =
  'This is no place for metrics; write unix: and an absolute path, or 127.0.0.1 or [::1] with a port, such as 127.0.0.1:9747.';
const portForm = /^(127\.0\.0\.1|\[::1\]):([1-9]\d{0,4})$/;
/** Of sun_path (unix(7)); Node would cut a longer one. */
const longestPath = 107;

/** @returns undefined when the text is neither a unix socket nor a port of the loopback */
function placeOf(text: string): MetricsPolicy['listen'] | undefined {
  if (text.startsWith('unix:')) {
    const socket = text.slice('unix:'.length);
    return path.safeParse(socket).success && Buffer.byteLength(socket) <= longestPath ? { path: socket } : undefined;
  }
  const [, host = '', digits = ''] = portForm.exec(text) ?? [];
  const port = Number(digits);
  return port >= 1 && port <= 65_535 ? { host: host.replace(/^\[|\]$/g, ''), port } : undefined;
}

export const metricsSchema = z
  .strictObject({
    listen: z
      .string()
      .refine((text) => placeOf(text) !== undefined, problem)
      .meta({
        description:
          'unix: and the path of a socket, or a port of the loopback, which every account of the host can then read.',
        examples: ['unix:/run/tmux-gate/metrics.sock', '127.0.0.1:9747'],
      }),
    group: account.prefault('prometheus').meta({
      description:
        'The group that may read the socket, besides root. Where there is no such group, root alone. Only with unix:.',
    }),
  })
  .transform(({ listen, group }): MetricsPolicy => ({ listen: placeOf(listen) ?? { path: '' }, group }))
  .meta({ description: 'Where Prometheus can read metrics. Left out: nowhere.' });

/** A port has no owner, so a group beside it would seem to guard it. */
const metricsGroup: Rule = {
  name: 'metrics-group',
  check: (raw) => {
    const listen = at(raw, 'metrics', 'listen');
    if (at(raw, 'metrics', 'group') === undefined || typeof listen !== 'string' || !portForm.test(listen)) return [];
    const why = 'A port is open to every account of the host; remove the group, or listen on unix: and a path.';
    return [{ path: ['metrics', 'group'], problem: why }];
  },
};

export const metricsRules: readonly Rule[] = [metricsGroup];
