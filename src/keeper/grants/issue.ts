// Makes a grant: signs it, journals it, puts it into the store; only one attempt wins (laws 4, 7, 8).
//
// 1. The window starts at the deciding approval and ends at one absolute instant, which is part of what is signed.
// 2. The record is on disk before the grant is in the store. One atomic transition in the store decides the winner. Accident: two keepers,
//    or two attempts, grant the same request. From the record to the grant the store keeps further reviews waiting, so that the journal has
//    one grant of one request, also when people review it on several hosts at one moment. Only a host of an earlier version, or five seconds
//    between the two, can still bring a review in between; then the grant is dropped, and says so.
// 3. An extension takes effect only while the grant that it extends is live. Attack or accident: that grant is revoked while its extension
//    is being made.
import { grantId, idBytes } from '../../core/ids.ts';
import type { Grant } from '../../core/grant.ts';
import type { Notice } from '../../core/notice.ts';
import type { SessionPolicy } from '../../core/policy-types.ts';
import type { Review } from '../../core/request.ts';
import { modeFields } from '../../core/access-mode.ts';
import { formatDuration, formatInstant } from '../../core/time.ts';
import { requestEnds } from '../../core/messages/ends.ts';
import { personName } from '../../core/person-name.ts';
import { grantEnd } from './on-grant-end.ts';
import type { ReadRequest } from './read-request.ts';
import { requestTombstoneId } from './tombstone-id.ts';
import { spanOf, type ExtensionWindowDeps, type Span } from './extension-window.ts';
import { checkClocks, type ClockSkewDeps } from './clock-skew.ts';
import type { GrantEntry } from '../../adapters/redis/store.ts';
import type { Keys } from '../../adapters/keys.ts';
import type { Tombstones } from '../state/tombstones.ts';
import type { Log } from '../../adapters/log.ts';
import type { Notifier } from '../../adapters/notices/notify.ts';
import type { Outbox } from '../state/outbox.ts';
import type { Journal } from '../../adapters/journal/journal.ts';

export interface IssueDeps extends ClockSkewDeps, ExtensionWindowDeps {
  readonly keys: Keys;
  readonly tombstones: Tombstones;
  readonly notifier: Notifier;
  random(bytes: number): Uint8Array;
  readonly outbox: Outbox;
  readonly journal: Journal;
  readonly log: Log;
}

/** Why a grant is made: reviews, or a rule of the policy instead. */
export interface Approval {
  /**
   * How many reviews the request had when they were counted. If another one has come since, the grant is not made and the count is
   * repeated.
   */
  readonly counted: number;
  readonly by: readonly Review[];
  /** The rule of the policy by which each of them may review; or the rule that approved, where nobody did. */
  readonly rules: readonly string[];
  readonly durationMs: number;
  readonly auto?: { readonly name: string; readonly why?: string };
}

/** A new grant and its window. */
export interface Made {
  readonly grant: Grant;
  readonly span: Span;
}

/**
 * Makes the grant and puts it into the store; it has no effect on this host before `takeEffect`.
 * @returns undefined when the request, or what it was to extend, has changed meanwhile
 * @throws Refused CLOCK_SKEW, REDIS_DOWN, JOURNAL_DOWN
 */
export async function makeGrant(
  deps: IssueDeps,
  read: ReadRequest,
  policy: SessionPolicy,
  approval: Approval,
): Promise<Made | undefined> {
  await checkClocks(deps);
  const span = spanOf(deps, read.facts, policy, approval.durationMs);
  if (span === undefined) return undefined;
  const grant = grantOf(deps, read, approval, span);
  const jws = await deps.keys.sign('grant', grant);
  const { id: request, answerBy, who } = read.facts;
  if (!(await deps.store.decide(request, approval.counted))) return undefined;
  await writeGranted(deps, grant, approval, span);
  await deps.tombstones.add(requestTombstoneId(request), answerBy);
  const { id: grantId, host, session, end } = grant;
  const entry = { host, session, login: who.login, grantId, jws, end, reviews: approval.counted };
  if (await stored(deps, request, entry)) return { grant, span };
  await writeDropped(deps, grant, requestEnds.changed);
  return undefined;
}

/** @returns false if the request was not pending, its reviews changed, or the end has passed (Store.grant) */
async function stored(deps: IssueDeps, request: string, entry: GrantEntry): Promise<boolean> {
  const answers: boolean[] = [];
  const copies = await deps.store.copied(async () => answers.push(await deps.store.grant(request, entry)));
  const isStored = answers.includes(true);
  if (isStored && copies === 1) deps.log.warn('grant-on-one-server', { grant: entry.grantId });
  return isStored;
}

/** Makes the grant live: its deadline runs, its notice goes out, and visits may use it. */
export function takeEffect(deps: IssueDeps, grant: Grant): void {
  deps.liveGrants.add({ grant, keyEnd: grant.end });
  deps.notifier.send(grantedNotice(grant));
}

/** Rule 3: ends a grant that is in the store and never took effect. Its tombstone keeps it from ever being used. */
export async function dropLate(deps: IssueDeps, grant: Grant, why: string): Promise<void> {
  const { id: grantId, host, session, who, end } = grant;
  await deps.tombstones.add(grantId, end);
  await deps.store.revoke({ host, session, login: who.login, grantId });
  await writeDropped(deps, grant, why);
}

function grantOf(deps: IssueDeps, { facts, digest }: ReadRequest, { by, auto }: Approval, span: Span): Grant {
  const { id: request, session, who, reason, mode = 'type', terms, batch } = facts;
  const { start, end, extends: prolongs } = span;
  return {
    ...{ id: grantId(deps.random(idBytes.grant)), request, digest, host: deps.host, session, who, reason },
    approvers: by.map((review) => review.by),
    ...(auto === undefined ? {} : { auto: auto.name }),
    ...{ start, end, ...modeFields(mode) },
    ...(terms === undefined ? {} : { terms }),
    ...(prolongs === undefined ? {} : { extends: prolongs }),
    ...(batch === undefined ? {} : { batch: batch.id }),
  };
}

/** Journals the grant, and the move of the end if it is an extension (rule 2). */
async function writeGranted(
  deps: IssueDeps,
  grant: Grant,
  { by, rules, auto }: Approval,
  { from }: Span,
): Promise<void> {
  const { id, ...told } = grant;
  const facts = {
    grant: id,
    ...told,
    window: formatDuration(grant.end - grant.start),
    rules,
    ...(auto?.why === undefined ? {} : { why: auto.why }),
    proofs: by.map((review) => review.proof),
    reviewedOn: by.map((review) => review.host),
  };
  await deps.outbox.begin(grantEnd(grant, 'granted'), async () => deps.journal.write('granted', facts));
  if (from === undefined) return;
  const { request, session, end, extends: prolonged, who } = grant;
  const moved = { from: formatInstant(from), to: formatInstant(end) };
  const more = { grant: id, extends: prolonged, request, session, login: who.login, ...moved };
  await deps.journal.write('extended', more);
}

async function writeDropped(deps: IssueDeps, grant: Grant, why: string): Promise<void> {
  await deps.journal.write('grant-dropped', { grant: grant.id, request: grant.request, why });
  await deps.outbox.withdraw(grantEnd(grant));
}

function grantedNotice(grant: Grant): Notice {
  const { id, request, host, session, who, approvers, auto, end, extends: prolonged } = grant;
  const by = approvers.map(personName).join(', ');
  return {
    ...(prolonged === undefined ? { event: 'granted' } : { event: 'extended', extends: prolonged }),
    grant: id,
    request,
    host,
    session,
    login: who.login,
    identity: who.claim,
    ...(auto === undefined ? { by } : { auto }),
    until: formatInstant(end),
  };
}
