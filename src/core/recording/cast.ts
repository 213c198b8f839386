// Reads asciicast v2 (docs.asciinema.org/manual/asciicast/v2), the format of a recording: a header, then one event a line.
//
// 1. Strict: what the gate never writes is a fault that says what is wrong. Attack: two readers of one file see two sessions, since each
//    reads a doubtful line in its own way.
//    What is on the screen is in the order of its times. What was typed, and a marker, has its own time and may stand behind output that came
//    later, since the gate finds out first whether it is a secret (gate/typed-recorder.ts).
// 2. A line is bounded. Attack: a file without a newline takes all the memory of whoever shows it.

/** What the first line says of the recording. */
export interface CastHeader {
  /** Columns of the terminal at the start. */
  readonly width: number;
  /** Rows of the terminal at the start. */
  readonly height: number;
  /** When it began, in seconds since the epoch. */
  readonly timestamp?: number;
  readonly title?: string;
  /** Variables of the environment that say how to show it, such as TERM. */
  readonly env: Readonly<Record<string, string>>;
}

/** What happened at an instant. */
export interface CastEvent {
  /** Seconds since the recording began. */
  readonly at: number;
  /** `o` output, `i` typed, `r` resized, `m` a marker. Others are to be passed over. */
  readonly code: string;
  /** The text; of `r` the new size, such as `80x24`. */
  readonly data: string;
}

/** A line that is no asciicast v2; the message says why. */
export class CastFault extends Error {
  override readonly name = 'CastFault';
}

/** The longest line, in characters (rule 2). The gate's longest is some 400,000: 64 KiB of output, each byte escaped. */
export const lineLimit = 8 * 1024 * 1024;

const sizeLimit = 65_535;
const keys = new Set([
  ...['version', 'width', 'height', 'timestamp', 'duration', 'idle_time_limit', 'command', 'title', 'env', 'theme'],
]);

/** Reads the first line. @throws CastFault (rule 1) */
export function parseHeader(line: string): CastHeader {
  const given = parsed(line, 'the header');
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw new CastFault('the header is no object');
  const { version, width, height, timestamp, title, env = {}, ...rest } = given as Record<string, unknown>;
  const unknown = Object.keys(rest).find((key) => !keys.has(key));
  if (unknown !== undefined)
    throw new CastFault(`the header has an unknown key ${JSON.stringify(unknown.slice(0, 40))}`);
  if (version !== 2) throw new CastFault('the header is not of version 2');
  if (!isSize(width) || !isSize(height)) throw new CastFault('the header has no size of a terminal');
  if (timestamp !== undefined && !isTime(timestamp)) throw new CastFault('the timestamp is no time');
  if (title !== undefined && typeof title !== 'string') throw new CastFault('the title is no text');
  if (!isEnvironment(env)) throw new CastFault('the environment does not hold texts');
  return {
    ...{ width, height, env },
    ...(timestamp === undefined ? {} : { timestamp }),
    ...(title === undefined ? {} : { title }),
  };
}

/**
 * Reads the line of an event.
 * @param notBefore the latest time of the events before, in seconds
 * @throws CastFault (rule 1)
 */
export function parseCastLine(line: string, notBefore = 0): CastEvent {
  const given = parsed(line, 'the event');
  if (!Array.isArray(given) || given.length !== 3) throw new CastFault('the event is no array of three');
  const [at, code, data] = given as readonly unknown[];
  if (!isTime(at)) throw new CastFault('the event has no time');
  if (typeof code !== 'string' || !/^[a-z]$/.test(code)) throw new CastFault('the event has no code of one letter');
  if (at < notBefore && code !== 'i' && code !== 'm')
    throw new CastFault('the event is earlier than the one before it');
  if (typeof data !== 'string') throw new CastFault('the event has no text');
  if (code === 'r') sizeOf(data);
  return { at, code, data };
}

/** The size that an event `r` tells. @throws CastFault when the text is none */
export function sizeOf(data: string): { readonly width: number; readonly height: number } {
  const [width = 0, height = 0] = /^\d{1,5}x\d{1,5}$/.test(data) ? data.split('x').map(Number) : [];
  if (!isSize(width) || !isSize(height)) throw new CastFault('the event tells no size of a terminal');
  return { width, height };
}

function parsed(line: string, what: string): unknown {
  if (line.length > lineLimit) throw new CastFault(`${what} is longer than ${lineLimit} characters`);
  try {
    return JSON.parse(line) as unknown;
  } catch {
    throw new CastFault(`${what} is no JSON`);
  }
}

function isSize(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 1 && (value as number) <= sizeLimit;
}

function isTime(value: unknown): value is number {
  return typeof value === 'number' && value >= 0;
}

function isEnvironment(value: unknown): value is Record<string, string> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return Object.values(value).every((one) => typeof one === 'string');
}
