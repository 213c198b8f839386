// Exchanges the key that signs requests, reviews, grants, sign-ins, locks and what hosts tell each other: `tmux-gate keys rotate`.
//
// 1. The next key is on disk before the record of the rotation, the record before its effect (law 7), and the effect is one file (keys-files.ts). A
//    keeper that starts completes a rotation whose record it finds (outbox), so one that is killed at any step leaves a key that signs and the
//    others as they are known. Accident: the journal says that a key is retired, and the host goes on with it.
// 2. What the old key signed counts until the last of it is over; nobody is disconnected. Attack or accident: a rotation that throws everybody out
//    is put off for years.
// 3. A host with peers has a next key that they could be given before it signs. Accident: the peers refuse every approval that is made here.
// 4. Where the key leaked, it ends at once, everywhere on this host; nothing waits for peers. What it signed in wrong hands is not told from the
//    rest.
import type { Rotation } from '../adapters/keys-own.ts';
import type { Journal } from '../adapters/journal/journal.ts';
import { retireFewer } from '../core/messages/keys.ts';
import type { LiveGrant } from '../core/grant.ts';
import type { Config } from '../core/policy-types.ts';
import { Refused } from '../core/refusal.ts';
import { boolean, integer, object, parseJson } from '../core/shape.ts';
import { fingerprintShape, overlapEnd, type Ending } from '../core/signing-keys.ts';
import { formatInstant, second } from '../core/time.ts';
import type { Outbox } from './state/outbox.ts';

export interface KeyRotationDeps {
  readonly host: string;
  readonly config: Pick<Config, 'peers' | 'signIn' | 'request' | 'sessions'>;
  readonly keys: Rotation;
  readonly journal: Pick<Journal, 'write'>;
  readonly outbox: Pick<Outbox, 'allow'>;
  readonly liveGrants: { all(): readonly LiveGrant[] };
  now(): number;
  oneByOne<T>(name: string, task: () => Promise<T>): Promise<T>;
}

/** Who asks for a rotation, and what is said with it. */
export interface AskedBy {
  readonly by: string;
  /** Empty where none was given. */
  readonly reason: string;
}

/** @param overlapMs how long the old key counts; undefined: until nothing that it signed is left */
export interface RotationAsked extends AskedBy {
  readonly overlapMs: number | undefined;
  readonly leaked: boolean;
}

export interface Rotated {
  readonly before: string;
  readonly current: string;
  /** When the old key counts no longer: instant, ms. */
  readonly until: number;
  /** Where the public keys of this host are. */
  readonly path: string;
}

/**
 * Makes the next key, which signs nothing yet, and shows its public half; one that waited goes.
 * @throws Refused JOURNAL_DOWN, or an error of the file system: then nothing has changed
 */
export async function prepareKey(
  deps: KeyRotationDeps,
  { by, reason }: AskedBy,
): Promise<{ readonly next: string; readonly path: string }> {
  return deps.oneByOne('keys', async () => {
    const next = await makeNext(deps, { by, reason });
    return { next, path: await deps.keys.publish() };
  });
}

async function makeNext(deps: KeyRotationDeps, { by, reason }: AskedBy): Promise<string> {
  const why = reason === '' ? {} : { reason };
  return deps.keys.makeNext(async (key) => deps.journal.write('key-made', { key, by, ...why }));
}

/**
 * Has the next key sign from now on (rules 1 to 4).
 * @throws Refused NEXT_KEY_MISSING, BAD_COMMAND, JOURNAL_DOWN, or an error of the file system: then the key before signs on
 */
export async function rotateKey(deps: KeyRotationDeps, asked: RotationAsked): Promise<Rotated> {
  return deps.oneByOne('keys', async () => {
    const { host, keys } = deps;
    const { by, reason, leaked } = asked;
    const { current: before, next: waiting } = keys.own();
    const hasPeers = Object.keys(deps.config.peers).length > 0;
    if (waiting === undefined && hasPeers && !leaked) throw new Refused('NEXT_KEY_MISSING', { host }); // rule 3
    if (!keys.hasRoom()) throw new Refused('BAD_COMMAND', { problem: retireFewer, host });
    const current = waiting === undefined || leaked ? await makeNext(deps, asked) : waiting;
    const ending = endingOf(deps, asked);
    const redo = JSON.stringify({ key: current, ...ending });
    const facts = { key: current, before, by, until: formatInstant(ending.until), leaked };
    await deps.outbox.allow(
      {
        event: 'key-rotated',
        is: { key: current },
        facts: reason === '' ? facts : { ...facts, reason },
        redo,
      },
      async () => keys.rotate(current, ending),
    );
    return { before, current, until: ending.until, path: await keys.publish() };
  });
}

/** Rules 2 and 4. */
function endingOf(deps: KeyRotationDeps, { overlapMs, leaked }: RotationAsked): Ending {
  const now = deps.now();
  if (leaked) return { until: Math.floor(now / second) * second, leaked };
  if (overlapMs !== undefined) return { until: Math.ceil((now + overlapMs) / second) * second, leaked };
  const ends = deps.liveGrants.all().map(({ grant }) => grant.end);
  return { until: overlapEnd(deps.config, ends, now), leaked };
}

const redoShape = object({ key: fingerprintShape, until: integer(0), leaked: boolean });

/** Completes a rotation that an earlier keeper recorded and may not have carried out (rule 1). @throws Error when it cannot be written */
export async function rotateAgain({ keys }: Pick<KeyRotationDeps, 'keys'>, redo: string): Promise<void> {
  const read = parseJson(redo, redoShape, 1024);
  if (read !== undefined && read.key === keys.own().next)
    await keys.rotate(read.key, { until: read.until, leaked: read.leaked });
  await keys.publish();
}
