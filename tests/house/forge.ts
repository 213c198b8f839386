// What somebody who can write to Redis could put there: signatures of this host (copied, or made with its own key file, so
// that only the one thing that is wrong is wrong), of somebody else, and none.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Layout } from '../../scripts/sandbox/layout.ts';
import { openKeys, type Keys } from '../../src/adapters/keys.ts';
import type { Grant } from '../../src/core/grant.ts';
import { redis } from './inside.ts';

const host = 'prod-box';

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
}

/** Puts a value where the keeper looks for the grants of a login, and into the index that visits read. */
export async function plantGrant(
  layout: Layout,
  jws: string,
  { session, login, id, expires }: GrantPlace,
): Promise<string> {
  const key = `tmux-gate:grant:${host}:${session}:${login}:${id}`;
  await redis(layout, 'set', key, jws, ...(expires === undefined ? [] : ['pxat', String(expires)]));
  await redis(layout, 'zadd', `tmux-gate:grants:${host}`, String(expires ?? Date.now() + 3_600_000), key);
  return key;
}

/** An event as a keeper would tell it. */
export async function tell(layout: Layout, type: string, fields: Readonly<Record<string, string>>): Promise<void> {
  await redis(layout, 'xadd', 'tmux-gate:events', '*', 'type', type, ...Object.entries(fields).flat());
}

export type { Grant, Keys };
