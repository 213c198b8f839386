// The operators' log: JSON lines on stderr, for journald. It is no evidence; the journal is.
//
// 1. Each entry is one line of ASCII, whatever its fields hold (core/text). Attack: a login name or a tmux answer that forges a log line
//    or repaints the terminal of whoever reads it.
// 2. Of errors only message and code are logged, causes included. The objects themselves may hold responses and tokens (law 11).
// 3. Whatever looks like a JWT (RFC 7519: three base64url parts, five when encrypted), and each field whose name says that it is a
//    secret, is left out. This is for what rule 2 misses.
import { type Logform, createLogger, format, transports } from 'winston';
import { asciiJson, sanitizeLine } from '../core/text.ts';

export type LogLevel = 'error' | 'warn' | 'info';
export type LogFields = Readonly<Record<string, unknown>>;

/** Writes entries of the log. Never throws. */
export interface Log {
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
}

const textLimit = 2000;
const scanLimit = 64 * 1024;
const itemLimit = 100;
const deepest = 6;
const leftOut = '[left out]';
// A JOSE header is a JSON object, so a JWT begins with `ey`. Any other three long parts joined by dots are taken for a token as well.
const token = /\bey[\w-]{2,}\.[\w-]+(?:\.[\w-]*){1,3}|[\w-]{16,}\.[\w-]{16,}\.[\w-]{16,}/g;
const secretName = /token|secret|password|passwd|authorization|cookie|device_?code|private|jwk/i;

/** Opens the log. Entries below `level` are dropped. @param stream where the lines go. */
export function openLog(level: LogLevel, stream: NodeJS.WritableStream = process.stderr): Log {
  // When the reader of stderr goes away, the log ends, not the keeper.
  stream.on('error', () => undefined);
  const logger = createLogger({
    level,
    format: format.combine(format(filtered)(), format.printf(asLine)),
    // winston's types do not let its own transport be passed here.
    // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment
    transports: [new transports.Stream({ stream, eol: '\n' })],
  });
  const write =
    (at: LogLevel) =>
    (event: string, fields: LogFields = {}) => {
      logger.log({ level: at, message: event, fields });
    };
  return { info: write('info'), warn: write('warn'), error: write('error') };
}

function filtered(info: Logform.TransformableInfo): Logform.TransformableInfo {
  return { ...info, message: clean(info.message, 0), fields: clean(info['fields'], 0) };
}

function asLine({ level, message, fields }: Logform.TransformableInfo): string {
  const head = { at: new Date().toISOString(), level, event: message };
  return asciiJson({ ...head, ...(fields as object), ...head });
}

function clean(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return sanitizeLine(value.slice(0, scanLimit).replace(token, leftOut), textLimit);
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= deepest) return '…';
  if (value instanceof Error) return clean(errorFacts(value), depth);
  if (Array.isArray(value)) return value.slice(0, itemLimit).map((item) => clean(item, depth + 1));
  const entries = Object.entries(value).slice(0, itemLimit);
  return Object.fromEntries(
    entries.map(([name, item]) => [sanitizeLine(name, 64), secretName.test(name) ? leftOut : clean(item, depth + 1)]),
  );
}

/** Reduces an error to its facts (rule 2). A cause that is not an error may be anybody's object, and is left out. */
function errorFacts({ name, message, cause, ...rest }: Error & { code?: unknown }): object {
  const { code } = rest;
  const isCode = typeof code === 'string' || typeof code === 'number';
  return {
    message: message === '' ? name : message,
    ...(isCode ? { code } : {}),
    ...(cause instanceof Error ? { cause } : {}),
  };
}
