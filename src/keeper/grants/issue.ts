// A grant, made: signed, written down, put on the board; one winner (laws 4, 7, 8).
//
// 1. The window starts at the deciding approval and ends at one absolute instant, which is inside the signature.
// 2. The record is on disk before the grant is on the board; one transition on the board makes one winner.
// 3. An extension that outlives what it extends is none. Attack, or accident: a grant is revoked while its extension is on its way.
import { grantId, idBytes } from '../../core/ids.ts';
import type { Grant } from '../../core/grant.ts';
import type { Notice } from '../../core/notice.ts';
import type { SessionPolicy } from '../../core/policy-types.ts';
import type { Review } from '../../core/request.ts';
import { modeFields } from '../../core/access-mode.ts';
import { formatDuration, formatInstant } from '../../core/time.ts';
import { grantEnd } from './on-grant-end.ts';
import type { ReadRequest } from './read-request.ts';
import { requestTombstoneId } from './tombstone-id.ts';
import { spanOf, type ExtensionWindowDeps, type Span } from './extension-window.ts';
import { checkClocks, type ClockSkewDeps } from './clock-skew.ts';
import { nameOf } from './person-name.ts';
import type { Keys } from '../../adapters/keys.ts';
import type { Tombstones } from '../state/tombstones.ts';
import type { Notifier } from '../../adapters/notices/notify.ts';
import type { Outbox } from '../state/outbox.ts';
import type { Journal } from '../../adapters/journal.ts';

export interface IssueDeps extends ClockSkewDeps, ExtensionWindowDeps {
  readonly keys: Keys;
  readonly tombstones: Tombstones;
  readonly notifier: Notifier;
  random(bytes: number): Uint8Array;
  readonly outbox: Outbox;
  readonly journal: Journal;
}

/** What makes a grant: reviews, or a rule in their place. */
export interface Approval {
  /** How many reviews were there when they were counted: one that comes in between makes the count again. */
  readonly counted: number;
  readonly by: readonly Review[];
  /** Of the policy, by which each of them may review; the rule that approved, where nobody did. */
  readonly rules: readonly string[];
  readonly durationMs: number;
  readonly auto?: { readonly name: string; readonly why?: string };
}

export interface Made {
  readonly grant: Grant;
  readonly span: Span;
}

/** @returns undefined when the request, or what it was to extend, changed meanwhile. @throws Refused CLOCK_SKEW */
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
  await writeGranted(deps, grant, approval, span);
  const { id: request, answerBy, who } = read.facts;
  await deps.tombstones.add(requestTombstoneId(request), answerBy);
  const { id: grantId, host, session, end } = grant;
  const entry = { host, session, login: who.login, grantId, jws, end, reviews: approval.counted };
  if (await deps.store.grant(request, entry)) return { grant, span };
  await writeDropped(deps, grant, 'the request changed meanwhile');
  return undefined;
}

/** From here on it opens. */
export function takeEffect(deps: IssueDeps, grant: Grant): void {
  deps.liveGrants.add({ grant, keyEnd: grant.end });
  deps.notifier.send(grantedNotice(grant));
}

/** Rule 3: on the board for a moment, and from now on never again. */
export async function dropLate(deps: IssueDeps, grant: Grant, why: string): Promise<void> {
  const { id: grantId, host, session, who, end } = grant;
  await deps.tombstones.add(grantId, end);
  await deps.store.revoke({ host, session, login: who.login, grantId });
  await writeDropped(deps, grant, why);
}

function grantOf(deps: IssueDeps, { facts, digest }: ReadRequest, { by, auto }: Approval, span: Span): Grant {
  const { id: request, session, who, reason, mode = 'type', terms } = facts;
  const { start, end, extends: prolongs } = span;
  return {
    ...{ id: grantId(deps.random(idBytes.grant)), request, digest, host: deps.host, session, who, reason },
    approvers: by.map((review) => review.by),
    ...(auto === undefined ? {} : { auto: auto.name }),
    ...{ start, end, ...modeFields(mode) },
    ...(terms === undefined ? {} : { terms }),
    ...(prolongs === undefined ? {} : { extends: prolongs }),
  };
}

/** Rule 2. */
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
  const by = approvers.map(nameOf).join(', ');
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
