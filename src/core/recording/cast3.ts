// Writes asciicast v3 (docs.asciinema.org/manual/asciicast/v3): like v2, but that an event tells the time since the event before it.
import type { CastEvent, CastHeader } from './cast.ts';

const thousandth = 1000;

/** The first line. */
export function header3({ width, height, timestamp, title, env }: CastHeader): string {
  const type = env['TERM'];
  const term = { cols: width, rows: height, ...(type === undefined ? {} : { type }) };
  return JSON.stringify({
    ...{ version: 3, term },
    ...(timestamp === undefined ? {} : { timestamp: Math.floor(timestamp) }),
    ...(title === undefined ? {} : { title }),
  });
}

/**
 * Makes the lines of events, one after another. An interval is in milliseconds, and what is rounded is carried to the next one: after any
 * number of events the sum differs from the time of the last by half a millisecond at most.
 */
export function events3(): (event: CastEvent) => string {
  let written = 0;
  return ({ at, code, data }) => {
    // What was typed may stand behind output that came later.
    const interval = Math.max(0, Math.round(at * thousandth) - written);
    written += interval;
    return JSON.stringify([interval / thousandth, code, data]);
  };
}
