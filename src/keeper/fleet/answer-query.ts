// Answers what another host of the fleet asks for one of its people (core/fleet-query.ts).
//
// 1. Only a peer's signed question is answered, once, and while somebody waits for it.
// 2. Only listings are answered, by the handlers of the verbs, with what this person may see here. Attack: a command that changes something.
// 3. A login that is locked here is told nothing, like over ssh.
// 4. Few are answered at once, for each person few wait, and for the root of each host. Attack: questions without end keep the keeper from revocations (law 12).
import type { Keys } from '../../adapters/keys.ts';
import type { Log } from '../../adapters/log.ts';
import type { Store } from '../../adapters/redis/store.ts';
import { fitting, fleetQueryShape, type FleetAnswer, type FleetQuery } from '../../core/fleet-query.ts';
import { loginsOf } from '../../core/identity.ts';
import type { Config } from '../../core/policy-types.ts';
import { everyone } from '../../core/lock.ts';
import { asRefused, refusal } from '../../core/refusal.ts';
import type { SignIn } from '../../core/sign-in.ts';
import { sanitizeLine } from '../../core/text.ts';
import { minute } from '../../core/time.ts';
import { parseCommand, type Command } from '../../wire/grammar.ts';
import type { Recent } from '../concurrency/recent.ts';
import type { WorkQueue } from '../concurrency/work-queue.ts';
import type { Actor } from '../identity/actor.ts';
import { checkLock, type CheckLockDeps } from '../identity/check-lock.ts';
import type { OnCall } from '../identity/on-call.ts';

/** What of a listing is asked for. */
export interface ListedFor {
  readonly actor: Actor;
  readonly command: Command;
  readonly columns: number | undefined;
  readonly signal: AbortSignal;
}

/** The listings that are answered (rule 2), by verb. */
export type FleetListings = Readonly<Record<string, (asked: ListedFor) => Promise<readonly string[]>>>;

export interface AnswerQueryDeps extends CheckLockDeps {
  readonly config: Config;
  readonly keys: Keys;
  readonly store: Store;
  readonly onCall: OnCall;
  readonly log: Log;
  /** Rule 4. */
  readonly queryAnswers: WorkQueue;
  /** The questions that were answered, or are (rule 1). */
  readonly answeredQueries: Recent;
  /** The listings of this host; those of the verbs, which are above this folder. */
  readonly fleetListings: FleetListings;
  now(): number;
}

/** Nobody waits longer, whatever the clock of the other host says. */
const longestMs = minute;

/** Answers the question with this id, if it is of a peer; in the background (rule 4). */
export function answerQuery(deps: AnswerQueryDeps, id: string): void {
  void answer(deps, id).catch((error: unknown) => {
    deps.log.warn('query-not-answered', { query: sanitizeLine(id, 16), error });
  });
}

async function answer(deps: AnswerQueryDeps, id: string): Promise<void> {
  const round = await deps.store.findRound('query', id);
  const read = round === undefined ? undefined : await deps.keys.verify(round.jws, 'query', fleetQueryShape);
  if (read === undefined || read.host !== read.value.host || read.value.id !== id) return; // rule 1
  const query = read.value;
  const left = query.until - deps.now();
  if (query.host === deps.host || left <= 0 || left > longestMs) return;
  const question = `${query.host} ${id}`;
  if (deps.answeredQueries.has(question)) return;
  const signal = AbortSignal.timeout(left);
  const place = deps.queryAnswers.take(askerOf(query), signal);
  if (place === undefined) return;
  deps.answeredQueries.add(question);
  try {
    await place.begun;
    const made: FleetAnswer = { query: id, host: deps.host, ...(await answerTo(deps, query, signal)) };
    await deps.store.answerRound('query', id, { from: deps.host, jws: await deps.keys.sign('query-answer', made) });
  } finally {
    place.leave();
  }
}

/** Whose questions are counted together (rule 4). */
const askerOf = ({ reader, host }: FleetQuery): string =>
  reader === undefined ? `root ${host}` : `${reader.issuer} ${reader.subject}`;

async function answerTo(
  deps: AnswerQueryDeps,
  query: FleetQuery,
  signal: AbortSignal,
): Promise<Omit<FleetAnswer, 'query' | 'host'>> {
  const parsed = parseCommand(query.command);
  const command = 'command' in parsed ? parsed.command : undefined;
  if (command === undefined || !Object.hasOwn(deps.fleetListings, command.verb)) return { lines: [] }; // rule 2
  try {
    const actor = await actorOf(deps, query);
    const lines = (await deps.fleetListings[command.verb]?.({ actor, command, columns: query.columns, signal })) ?? [];
    return fitting(lines, command.json);
  } catch (error) {
    const { code, names } = asRefused(error, 'INTERNAL', { host: deps.host });
    const { say } = refusal(code, { host: deps.host, ...names });
    return { lines: [], refused: sanitizeLine(`${say} [${code}]`, 300) };
  }
}

/** The reader as this host knows them (rule 3). @throws Refused LOCKED */
async function actorOf(deps: AnswerQueryDeps, { reader, groups, host, until }: FleetQuery): Promise<Actor> {
  const duty = await deps.onCall.duty();
  if (reader === undefined) return { person: undefined, name: `root@${host}`, duty };
  const theirs = loginsOf(reader.claim, deps.config.oidc.claims.login);
  // A lock of everyone leaves listings to those who resolve the incident, like over ssh (identity/check-lock.ts).
  for (const login of [reader.login, ...theirs]) if (deps.locks.of(login)?.target !== everyone) checkLock(deps, login);
  const login = theirs.includes(reader.login) ? reader.login : (theirs[0] ?? reader.login);
  const person: SignIn = { ...reader, login, host, fingerprint: '', groups, issuedAt: 0, at: 0, until };
  return { person, name: reader.claim, duty };
}
