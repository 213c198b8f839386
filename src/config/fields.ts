// The types of values in the policy. Each says in one sentence what it expects, and does not repeat a value that may hold a secret.
import * as z from 'zod';
import { holdsUnseen } from '../core/text.ts';
import { formatSize, parseSize } from '../core/size.ts';
import { formatDuration, parseDuration } from '../core/time.ts';
import { patternProblem } from './pattern.ts';
import { quote } from './problem.ts';

const durationForm = /^(?:[1-9][0-9]{0,6}[smhd])+$/;

/** A duration with its unit, between two bounds (milliseconds, included). Becomes milliseconds. */
export function duration(min: number, max: number) {
  return z
    .string({ error: ({ input }) => durationType(input) })
    .superRefine((text, context) => {
      const problem = durationProblem(text, min, max);
      if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
    })
    .transform((text) => parseDuration(text) ?? 0);
}

const instantForm = /^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(?::[0-9]{2})?Z$/;

/** An instant in UTC (RFC 3339). Becomes milliseconds. Days that do not exist are refused; `Date` would take one of the next month. */
export const instant = z
  .string()
  .refine(isInstant, 'This is not an instant in UTC; write one such as 2026-11-23T08:00Z.')
  .transform((text) => Date.parse(text));

/** An instant in the JSON schema. */
export const instantHint = { pattern: instantForm.source, examples: ['2026-11-23T08:00Z'] };

function isInstant(text: string): boolean {
  const ms = instantForm.test(text) ? Date.parse(text) : NaN;
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(text.slice(0, 16));
}

/** A duration in the JSON schema. */
export const durationHint = { pattern: durationForm.source, examples: ['45s', '20m', '8h', '1h30m'] };

function durationType(input: unknown): string | undefined {
  if (typeof input === 'number') return `${input} has no unit; write the number with s, m, h or d, such as 20m.`;
  return input === undefined ? undefined : 'This must be a duration, such as 45s, 20m, 8h or 1h30m.';
}

function durationProblem(text: string, min: number, max: number): string | undefined {
  const ms = parseDuration(text);
  if (ms === undefined)
    return `${quote(text)} is not a duration; write whole numbers with s, m, h or d, such as 45s or 1h30m.`;
  if (ms < min) return `${quote(text)} is less than the least allowed, ${formatDuration(min)}.`;
  if (ms > max) return `${quote(text)} is more than the most allowed, ${formatDuration(max)}.`;
  return undefined;
}

/** A size in the JSON schema. */
export const sizeHint = { pattern: '^(?:0|[1-9][0-9]{0,5})(?:KiB|MiB|GiB)$', examples: ['256MiB', '1GiB'] };

/** A size with its unit, between two bounds (bytes, included). Becomes bytes. */
export function size(min: number, max: number) {
  return z
    .string({ error: 'This must be a size with its unit, such as 256MiB or 1GiB.' })
    .superRefine((text, context) => {
      const problem = sizeProblem(text, min, max);
      if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
    })
    .transform((text) => parseSize(text) ?? 0);
}

function sizeProblem(text: string, min: number, max: number): string | undefined {
  const bytes = parseSize(text);
  if (bytes === undefined)
    return `${quote(text)} is not a size; write a whole number with KiB, MiB or GiB, such as 256MiB.`;
  if (bytes < min) return `${quote(text)} is less than the least allowed, ${formatSize(min)}.`;
  if (bytes > max) return `${quote(text)} is more than the most allowed, ${formatSize(max)}.`;
  return undefined;
}

/** One line of text without control or invisible characters (law 9). @param max characters (UTF-16 units) */
export function words(max: number) {
  return z
    .string()
    .min(1, 'This is empty; write a text or remove the key.')
    .max(max, `This is longer than ${max} characters; shorten it.`)
    .refine((text) => !holdsUnseen(text), 'This holds control or invisible characters; remove them.');
}

/** A Unix account. It does not start with a digit, since setpriv(1) would read it as a uid, and `0` is root. */
export const account = z
  .string()
  .regex(
    /^[A-Za-z_][A-Za-z0-9_.-]{0,31}$/,
    'This is not an account name; write a name of up to 32 letters, digits, _, . or - that starts with a letter.',
  );

export const hostForm = /^[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?$/;
export const hostName = z
  .string()
  .regex(hostForm, 'This is not a host name; write up to 63 small letters, digits, . or -, such as prod-box.');

export const hostPatternForm = /^[a-z0-9.*?[\],-]+$/;
/** A name of a host, or a pattern without a label (core/host-pattern.ts). */
export const hostPattern = z
  .string()
  .max(200, 'This pattern is longer than 200 characters; write several.')
  .regex(hostPatternForm, 'This is not a pattern of hosts; write names such as web-01, or web-[01-40] or web-*.');

export const sessionForm = /^[A-Za-z][A-Za-z0-9_-]{0,31}$/;

/** An absolute path without `.` and `..`, so that the directories that are checked are those that are used. */
export const path = z
  .string()
  .max(1024, 'This path is longer than 1024 characters; shorten it.')
  .regex(
    /^(?:\/(?!\.{1,2}(?:\/|$))[^/\p{C}]+)+$/u,
    'This is not an absolute path; write one that starts with / and has no //, . or .. in it.',
  );

export const domain = z
  .string()
  .regex(
    /^[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$/,
    'This is not a domain; write it without @, such as example.com.',
  );

/** Parses a URL; undefined unless it has one of these protocols (`https:`) and no user name, password or fragment. */
export function parseUrl(text: string, protocols: readonly string[]): URL | undefined {
  const url = URL.parse(text);
  if (url === null || !protocols.includes(url.protocol) || holdsUnseen(text)) return undefined;
  return url.username === '' && url.password === '' && url.hash === '' ? url : undefined;
}

/** A web address. `http:` is accepted here; the rules decide on it. @param problem what is said of anything else */
export function webUrl(problem: string) {
  return z
    .string()
    .max(2048, 'This URL is longer than 2048 characters; shorten it.')
    .refine((text) => parseUrl(text, ['https:', 'http:']) !== undefined, problem);
}

const smtpProblem =
  'This is not a mail server; write an smtps: or smtp: URL without user or password, such as smtps://mail.example.com.';

export const smtpUrl = z
  .string()
  .max(2048, smtpProblem)
  .refine((text) => (parseUrl(text, ['smtps:', 'smtp:'])?.hostname ?? '') !== '', smtpProblem);

/** A mail address, as web forms check it (html.spec.whatwg.org, valid e-mail address). */
export const mailAddress = z
  .string()
  .max(320)
  .regex(
    /^[a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]+@[a-zA-Z0-9](?:[a-zA-Z0-9.-]{0,251}[a-zA-Z0-9])?$/,
    'This is not a mail address; write one such as oncall@example.com.',
  );

const redisProblem =
  'This is not a Redis address; write embedded, or a redis:, rediss: or unix: URL without a password (that goes into password_file).';

/** A `redis:`, `rediss:` or `unix:` URL without a password, which belongs into a file of its own: everyone may read this one. */
export const redisUrl = z.string().max(2048, redisProblem).refine(isRedisUrl, redisProblem);

function isRedisUrl(text: string): boolean {
  const url = URL.parse(text);
  if (url === null || holdsUnseen(text) || url.password !== '' || /[?&](?:password|auth)=/i.test(url.search))
    return false;
  if (url.protocol === 'unix:') return url.pathname.startsWith('/') && url.host === '';
  return ['redis:', 'rediss:'].includes(url.protocol) && url.hostname !== '';
}

const endpointProblem =
  'This is not an address; write host or host:port, such as redis-1.example.com:6379 or [::1]:6379.';

/** `host` or `host:port`. */
export const endpoint = z
  .string()
  .max(260, endpointProblem)
  .refine(
    (text) => /^(?:\[[0-9a-fA-F:.]+\]|[A-Za-z0-9_.-]+)(?::[0-9]+)?$/.test(text) && URL.canParse(`redis://${text}`),
    endpointProblem,
  );

/** A regular expression of RE2. */
export const pattern = z
  .string()
  .min(1, 'This pattern is empty and would match anything; write one or remove the key.')
  .max(256, 'This pattern is longer than 256 characters; shorten it.')
  .superRefine((source, context) => {
    const problem = patternProblem(source);
    if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
  });

/** An object without a prototype, so that looking up a name that somebody typed finds only what was put there. */
export function bare<T>(entries: Iterable<readonly [string, T]>): Readonly<Record<string, T>> {
  const result = Object.create(null) as Record<string, T>;
  for (const [key, value] of entries) result[key] = value;
  return result;
}
