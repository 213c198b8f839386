// What somebody who can write to Redis can put there: values signed by this host (copied, or made with its own key, so that nothing but
// the tested thing is wrong), signed by somebody else, or unsigned.
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Layout } from '../../scripts/sandbox/layout.ts';
import { openKeys, type Keys } from '../../src/adapters/keys.ts';
import type { Grant } from '../../src/core/grant.ts';
import type { RequestFacts, Review } from '../../src/core/request.ts';
import type { Person } from '../../scripts/sandbox/person.ts';
import { redis } from './store-under-test.ts';

const host = 'prod-box';
export const hour = 3_600_000;

/** The host's own keys, for values that are genuinely signed but say something wrong. */
export async function hostKeys({ root }: Layout): Promise<Keys> {
  return openKeys({ folder: `${root}/var/lib/tmux-gate/keys`, host, peers: {} });
}

/** Other keys, under the same host's name. */
export async function strangersKeys(): Promise<Keys> {
  const folder = mkdtempSync(join(tmpdir(), 'tmux-gate-stranger-'));
  try {
    return await openKeys({ folder: join(folder, 'keys'), host, peers: {} });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The payload of a JWS, not verified. */
export function payloadOf(jws: string): Readonly<Record<string, unknown>> {
  return JSON.parse(Buffer.from(jws.split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>;
}

/** The same payload with a header of `alg: none`, and without a signature. */
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

/** Where to put a grant. */
export interface GrantPlace {
  readonly session: string;
  readonly login: string;
  readonly id: string;
  /** Instant, ms; undefined: the key never expires. */
  readonly expires: number | undefined;
  readonly host?: string;
}

/** Writes a value where the keeper looks for the grants of a login, and into the indexes that say where to look. @returns the key */
export async function plantGrant(
  layout: Layout,
  jws: string,
  { session, login, id, expires, host: on = host }: GrantPlace,
): Promise<string> {
  const key = `{tmux-gate}:grant:${on}:${session}:${login}:${id}`;
  await redis(layout, 'set', key, jws, ...(expires === undefined ? [] : ['pxat', String(expires)]));
  for (const index of ['{tmux-gate}:grants', `{tmux-gate}:grants:${on}`])
    await redis(layout, 'zadd', index, String(expires ?? Date.now() + 3_600_000), key);
  return key;
}

/** Adds an event to the stream, as a keeper does. */
export async function tell(layout: Layout, type: string, fields: Readonly<Record<string, string>>): Promise<void> {
  await redis(layout, 'xadd', '{tmux-gate}:events', '*', 'type', type, ...Object.entries(fields).flat());
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

export const requestKey = (id: string): string => `{tmux-gate}:request:${id}`;

/** A request as it is in the store: its signed form, its facts, and the digest to which reviews are bound. */
export async function requestOnBoard(
  layout: Layout,
  id: string,
): Promise<{ readonly jws: string; readonly facts: RequestFacts; readonly digest: string }> {
  const jws = await redis(layout, 'hget', requestKey(id), 'jws');
  return { jws, facts: payloadOf(jws) as unknown as RequestFacts, digest: sha256(jws) };
}

/** Writes a request into the store as pending. */
export async function plantRequest(layout: Layout, id: string, jws: string): Promise<void> {
  await redis(layout, 'hset', requestKey(id), 'jws', jws, 'state', 'pending');
  await redis(layout, 'pexpireat', requestKey(id), String(Date.now() + hour));
  await redis(layout, 'zadd', '{tmux-gate}:requests', '1', id);
}

let planted = 0;

/** Writes a review where the keeper looks for one, and adds the event. */
export async function plantReview(layout: Layout, id: string, jws: string): Promise<void> {
  await redis(layout, 'hset', requestKey(id), `review:planted${String(planted++)}`, `000 ${jws}`);
  await tell(layout, 'reviewed', { id });
}

/** The payload of an approval of this request by this person. */
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

/** The field of a request's hash that holds this person's review. */
export const reviewerField = (person: Person, issuer: string): string =>
  `review:${sha256(`${issuer}\n${person.account.sub}`)}`;

/** The payload of a grant that would let this person in, except for the changes. */
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
/** An id that is not in use. */
export const freshId = (): string => `F${(Date.now() + ids++).toString(16).toUpperCase()}`;

export type { Grant, Keys, Review };
