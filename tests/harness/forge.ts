// What somebody who can write to Redis could put there: signatures of this host (copied, or made with its own key file, so
// that only the one thing that is wrong is wrong), of somebody else, and none.
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Layout } from '../../scripts/sandbox/layout.ts';
import { openKeys, type Keys } from '../../src/adapters/keys.ts';
import type { Grant } from '../../src/core/grant.ts';
import type { RequestFacts, Review } from '../../src/core/request.ts';
import type { Person } from '../../scripts/sandbox/person.ts';
import { redis } from './inside.ts';

const host = 'prod-box';
export const hour = 3_600_000;

/** The host's own key: for tokens that are genuine but for what they say. */
export async function hostKeys({ root }: Layout): Promise<Keys> {
  return openKeys({ folder: `${root}/var/lib/tmux-gate/keys`, host, peers: {} });
}

/** Another key under the same name. */
export async function strangersKeys(): Promise<Keys> {
  const folder = mkdtempSync(join(tmpdir(), 'tmux-gate-stranger-'));
  try {
    return await openKeys({ folder: join(folder, 'keys'), host, peers: {} });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** What a JWS says, unverified. */
export function payloadOf(jws: string): Readonly<Record<string, unknown>> {
  return JSON.parse(Buffer.from(jws.split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>;
}

/** The same payload under a header of `alg: none`, and under no signature at all. */
export function unsigned(jws: string): readonly string[] {
  const [header = '', payload = '', signature = ''] = jws.split('.');
  const none = Buffer.from(JSON.stringify({ alg: 'none', kid: host, typ: 'tmux-gate-grant+jws' })).toString(
    'base64url',
  );
  return [
    `${none}.${payload}.`,
    `${none}.${payload}.${signature}`,
    `${header}.${payload}.`,
    JSON.stringify(payloadOf(jws)),
  ];
}

export interface GrantPlace {
  readonly session: string;
  readonly login: string;
  readonly id: string;
  /** Instant, milliseconds; undefined writes a key that never expires. */
  readonly expires: number | undefined;
  readonly host?: string;
}

/** Puts a value where the keeper looks for the grants of a login, and into the index that visits read. */
export async function plantGrant(
  layout: Layout,
  jws: string,
  { session, login, id, expires, host: on = host }: GrantPlace,
): Promise<string> {
  const key = `tmux-gate:grant:${on}:${session}:${login}:${id}`;
  await redis(layout, 'set', key, jws, ...(expires === undefined ? [] : ['pxat', String(expires)]));
  await redis(layout, 'zadd', `tmux-gate:grants:${on}`, String(expires ?? Date.now() + 3_600_000), key);
  return key;
}

/** An event as a keeper would tell it. */
export async function tell(layout: Layout, type: string, fields: Readonly<Record<string, string>>): Promise<void> {
  await redis(layout, 'xadd', 'tmux-gate:events', '*', 'type', type, ...Object.entries(fields).flat());
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

export const requestKey = (id: string): string => `tmux-gate:request:${id}`;

/** What stands on the board of a request: its signed text, what that says, and what reviews are bound to. */
export async function requestOnBoard(
  layout: Layout,
  id: string,
): Promise<{ readonly jws: string; readonly facts: RequestFacts; readonly digest: string }> {
  const jws = await redis(layout, 'hget', requestKey(id), 'jws');
  return { jws, facts: payloadOf(jws) as unknown as RequestFacts, digest: sha256(jws) };
}

export async function plantRequest(layout: Layout, id: string, jws: string): Promise<void> {
  await redis(layout, 'hset', requestKey(id), 'jws', jws, 'state', 'pending');
  await redis(layout, 'pexpireat', requestKey(id), String(Date.now() + hour));
  await redis(layout, 'zadd', 'tmux-gate:requests', '1', id);
}

let planted = 0;

/** Puts a review where the keeper looks for one, and tells it. */
export async function plantReview(layout: Layout, id: string, jws: string): Promise<void> {
  await redis(layout, 'hset', requestKey(id), `review:planted${String(planted++)}`, `000 ${jws}`);
  await tell(layout, 'reviewed', { id });
}

/** What an approval of this request by this person says. */
export function approvalBy(person: Person, on: Pick<RequestFacts, 'id' | 'who'>, digest: string): Review {
  const { account, login } = person;
  return {
    request: on.id,
    digest,
    host,
    verdict: 'approve',
    by: { issuer: on.who.issuer, subject: account.sub, claim: account.email, login },
    groups: ['oncall'],
    at: Date.now(),
    proof: { issuedAt: Date.now() },
  };
}

/** The field that names a reviewer, for whoever expects one there. */
export const reviewerField = (person: Person, issuer: string): string =>
  `review:${sha256(`${issuer}\n${person.account.sub}`)}`;

/** A grant for this person that would open, but for what is changed. */
export function grantFor(person: Person, issuer: string, change: Partial<Grant> = {}): Grant {
  const start = Date.now() - 1_000;
  const { account, login } = person;
  return {
    id: freshId(),
    request: 'F0RGED',
    digest: '0'.repeat(64),
    host,
    session: 'prod-db',
    who: { issuer, subject: account.sub, claim: account.email, login },
    reason: 'INC-1 forged',
    approvers: [],
    start,
    end: Math.floor((start + hour) / 1000) * 1000,
    ...change,
  };
}

let ids = 0;
/** One that nothing knows of yet. */
export const freshId = (): string => `F${(Date.now() + ids++).toString(16).toUpperCase()}`;

export type { Grant, Keys, Review };
