// A policy with a peer: the host accepts signatures of `box-peer`, whose key the tests hold. It also has a session that needs two
// approvals, and re-checks live identities as often as possible.
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeExact } from '../../scripts/sandbox/files.ts';
import type { SandboxConfig } from '../../scripts/sandbox/install.ts';
import { layoutOf } from '../../scripts/sandbox/layout.ts';
import { openKeys, type Keys } from '../../src/adapters/keys.ts';

export const peerHost = 'box-peer';

async function make(): Promise<{ readonly keys: Keys; readonly publicKey: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'tmux-gate-peer-'));
  try {
    const keys = await openKeys({ folder: join(folder, 'keys'), host: peerHost, peers: {} });
    return { keys, publicKey: readFileSync(join(folder, 'keys/host.pub.jwk'), 'utf8') };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const made = await make();

/** The peer's keys: tests sign with them as another host of the fleet, or as one that was broken into. */
export const peerKeys = made.keys;

/** The policy; the peer's public key is written to its place. */
export function withPeer(config: SandboxConfig): object {
  const { etc } = layoutOf(config.service_account.replace(/-tmux-gate$/, ''));
  const path = `${etc}/${peerHost}.jwk`;
  mkdirSync(etc, { recursive: true });
  writeExact(path, made.publicKey, 0o644);
  const two = { ...config.sessions['prod-db'], approvers: { groups: ['oncall'], count: 2 } };
  return {
    ...config,
    sign_in: { ...config.sign_in, recheck: '10s' },
    sessions: { ...config.sessions, 'prod-two': two },
    peers: { [peerHost]: path },
  };
}
