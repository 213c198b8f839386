// A grant, made: signed, written down, put on the board; one winner (laws 4, 7, 8).
//
// 1. The window starts at the deciding approval and ends at one absolute instant, which is inside the signature.
// 2. The record is on disk before the grant is on the board; one transition on the board makes one winner.
// 3. An extension that outlives what it extends is none. Attack, or accident: a grant is revoked while its extension is on its way.
import { grantId, idBytes } from '../../core/ids.ts';
import type { Grant } from '../../core/grant.ts';
import type { Notice } from '../../core/notice.ts';
import type { SessionPolicy } from '../../core/policy-types.ts';
import { Refused } from '../../core/refusal.ts';
import type { Person, Review } from '../../core/request.ts';
import { sightOf } from '../../core/sight.ts';
import { line } from '../../core/text.ts';
import { formatDuration, formatInstant } from '../../core/time.ts';
import { grantEnd } from '../ends.ts';
import type { House } from '../house.ts';
import type { ReadRequest } from '../read-request.ts';
import { stoneOf } from './grant.ts';
import { spanOf, type Span } from './prolong.ts';

/** What makes a grant: reviews, or a rule in their place. */
export interface Approval {
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
  house: House,
  read: ReadRequest,
  policy: SessionPolicy,
  approval: Approval,
  reviews: number,
): Promise<Made | undefined> {
  await checkClocks(house);
  const span = spanOf(house, read.facts, policy, approval.durationMs);
  if (span === undefined) return undefined;
  const grant = grantOf(house, read, approval, span);
  const jws = await house.keys.sign('grant', grant);
  await writeGranted(house, grant, approval, span);
  const { id: request, answerBy, who } = read.facts;
  await house.tombstones.bury(stoneOf(request), answerBy);
  const { id: grantId, host, session, end } = grant;
  const entry = { host, session, login: who.login, grantId, jws, end, reviews };
  if (await house.board.grant(request, entry)) return { grant, span };
  await writeDropped(house, grant, 'the request changed meanwhile');
  return undefined;
}

/** From here on it opens. */
export function takeEffect(house: House, grant: Grant): void {
  house.book.add({ grant, keyEnd: grant.end });
  house.notifier.send(grantedNotice(grant));
}

/** Rule 3: on the board for a moment, and from now on never again. */
export async function dropLate(house: House, grant: Grant): Promise<void> {
  const { id: grantId, host, session, who, end } = grant;
  await house.tombstones.bury(grantId, end);
  await house.board.revoke({ host, session, login: who.login, grantId });
  await writeDropped(house, grant, 'what it was to extend ended meanwhile');
}

function grantOf(house: House, { facts, digest }: ReadRequest, { by, auto }: Approval, span: Span): Grant {
  const { id: request, session, who, reason, mode = 'type', terms } = facts;
  const { start, end, extends: prolongs } = span;
  return {
    ...{ id: grantId(house.random(idBytes.grant)), request, digest, host: house.host, session, who, reason },
    approvers: by.map((review) => review.by),
    ...(auto === undefined ? {} : { auto: auto.name }),
    ...{ start, end, ...sightOf(mode) },
    ...(terms === undefined ? {} : { terms }),
    ...(prolongs === undefined ? {} : { extends: prolongs }),
  };
}

/** Rule 2. */
async function writeGranted(house: House, grant: Grant, { by, rules, auto }: Approval, { from }: Span): Promise<void> {
  const { id, ...told } = grant;
  const facts = {
    grant: id,
    ...told,
    window: formatDuration(grant.end - grant.start),
    rules,
    ...(auto?.why === undefined ? {} : { why: auto.why }),
    proofs: by.map((review) => review.proof),
  };
  await house.outbox.begin(grantEnd(grant, 'granted'), async () => house.journal.write('granted', facts));
  if (from === undefined) return;
  const { request, session, end, extends: prolonged, who } = grant;
  const moved = { from: formatInstant(from), to: formatInstant(end) };
  const more = { grant: id, extends: prolonged, request, session, login: who.login, ...moved };
  await house.journal.write('extended', more);
}

async function writeDropped(house: House, grant: Grant, why: string): Promise<void> {
  await house.journal.write('grant-dropped', { grant: grant.id, request: grant.request, why });
  await house.outbox.withdraw(grantEnd(grant));
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

const mostSkewMs = 5_000;

/** Instants come from the signer's clock; Redis' own only says when the two differ too much (M17). @throws Refused */
export async function checkClocks(house: House): Promise<void> {
  const skew = await house.board.skew();
  if (Math.abs(skew) > mostSkewMs) throw new Refused('CLOCK_SKEW', { host: house.host }, `${skew} ms`);
}

export function nameOf(person: Person): string {
  return `${line(person.login, 64)} (${line(person.claim, 120)})`;
}
