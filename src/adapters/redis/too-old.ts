// Refuses a server that lacks what the store needs, before any command is sent to it. Accident: a request is posted and reviewed, and the
// first grant fails, at night, after somebody was called.
//
// This leans on a private field of ioredis 6.0.0, `connector` of a connection, and on nothing else: its `check` gets the answer of INFO and
// decides whether the connection becomes ready; one that does not is closed and made again later. tests/contract/redis-too-old.test.ts fails
// when the field or ioredis' version changes.
import type { AbstractConnector, Redis } from 'ioredis';
import { sanitizeLine } from '../../core/text.ts';
import { serverVersion } from './version.ts';

/** The connections whose server, when it was last asked, was too old. */
const tooOld = new WeakMap<Redis, Error>();

/** Why the server that answered last was refused; undefined when it was not. */
export const whyTooOld = (redis: Redis): Error | undefined => tooOld.get(redis);

/** Has a connection refuse such servers, whichever it reaches. A server that does not say its version is taken. @param tell gets the reason */
export function refuseTooOld(redis: Redis, tell: (problem: Error) => void): void {
  const { connector } = redis as unknown as { readonly connector: AbstractConnector };
  const check = connector.check.bind(connector);
  let refusedNow = false;
  connector.check = (info) => {
    const said = (info ?? {}) as Readonly<Record<string, unknown>>; // nothing, where a proxy answers so
    if (!check(said)) return false;
    const problem = problemOf(said);
    if (problem === undefined) return true;
    tooOld.set(redis, problem);
    refusedNow = true;
    tell(problem);
    return false;
  };
  redis.on('ready', () => tooOld.delete(redis));
  // Where the line ends by itself, age is not what is wrong.
  redis.on('close', () => {
    if (!refusedNow) tooOld.delete(redis);
    refusedNow = false;
  });
}

/** @param info the fields of INFO, whatever the server says */
function problemOf(info: Readonly<Record<string, unknown>>): Error | undefined {
  const fields = Object.entries(info).map(([name, is]) => [name, String(is)] as const);
  const { name, version, least, serves } = serverVersion(new Map(fields));
  if (serves || version === '') return undefined;
  return new Error(`${name} ${sanitizeLine(version, 32)} is too old: ${name} ${least} or later is needed`);
}
