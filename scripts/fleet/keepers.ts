// The keepers of a simulated fleet: each is composed as the daemon composes it (keeper/compose.ts), with a root of its own, and follows the
// store. What needs a real host (accounts, sessions, sockets for gates) is not started.
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openKeys } from '../../src/adapters/keys.ts';
import type { Log } from '../../src/adapters/log.ts';
import { parseConfig } from '../../src/config/load.ts';
import { grantId, idBytes, requestId } from '../../src/core/ids.ts';
import type { Grant } from '../../src/core/grant.ts';
import { sessionOf } from '../../src/core/policy.ts';
import { termsOf } from '../../src/core/terms.ts';
import { hour, minute } from '../../src/core/time.ts';
import { compose } from '../../src/keeper/compose.ts';
import type { Context } from '../../src/keeper/context.ts';
import { assertTombstones, followStore } from '../../src/keeper/store-sync.ts';
import { layoutAt, type Layout } from '../../src/wire/layout.ts';
import { reservedNames } from '../../src/wire/verbs.ts';

export interface Keeper {
  readonly context: Context;
  readonly grants: readonly Grant[];
  /** How often its store became ready and it had looked at its tombstones, how many events it handled, and the grants that have ended here. */
  readonly seen: { ready: number; events: number; readonly ended: Set<string> };
}

export interface Fleet extends AsyncDisposable {
  readonly keepers: readonly Keeper[];
}

export interface FleetOptions {
  readonly url: string;
  readonly hosts: number;
  readonly grants: number;
}

const hostName = (n: number): string => `sim-${String(n).padStart(5, '0')}`;
const session = 'prod-db';

/** Opens the fleet. People approve and revoke at the first host, which trusts all others; those trust the first. */
export async function openFleet({ url, hosts, grants }: FleetOptions): Promise<Fleet> {
  const top = mkdtempSync(join(tmpdir(), 'fleet-sim-'));
  const stop = new AbortController();
  const layouts = Array.from({ length: hosts }, (_, n) => layoutAt(join(top, hostName(n))));
  const keepers: Keeper[] = [];
  for (const [n, layout] of layouts.entries()) await prepare(top, hostName(n), layout);
  for (const [n, layout] of layouts.entries()) {
    const trusted = n === 0 ? layouts.slice(1) : layouts.slice(0, 1);
    const policy = policyOf(hostName(n), url, trusted);
    keepers.push(await openKeeper(layout, policy));
  }
  for (const keeper of keepers) Object.assign(keeper, { grants: await giveGrants(keeper, grants) });
  // After that, since here one process would read the events of all grants for all keepers.
  for (const keeper of keepers) follow(keeper, stop.signal);
  return {
    keepers,
    [Symbol.asyncDispose]: async () => {
      stop.abort();
      await Promise.all(keepers.map(async ({ context }) => context.close()));
      rmSync(top, { recursive: true });
    },
  };
}

/** Folders, keys, and programs that are there to be looked at. */
async function prepare(top: string, host: string, layout: Layout): Promise<void> {
  const programs = join(top, 'programs');
  mkdirSync(programs, { recursive: true });
  for (const name of ['keeper', 'node']) writeFileSync(join(programs, name), '');
  mkdirSync(join(layout.programs, '..'), { recursive: true });
  symlinkSync(programs, layout.programs);
  mkdirSync(layout.keys, { recursive: true, mode: 0o700 });
  await openKeys({ folder: layout.keys, host, peers: {} });
}

function policyOf(host: string, url: string, trusted: readonly Layout[]): string {
  const peers = trusted.map(({ root, keys }) => `  ${root.split('/').at(-1) ?? ''}: ${keys}/host.pub.jwk`);
  return [
    `host: ${host}`,
    'service_account: nobody',
    `redis: '${url}'`,
    'oidc:',
    "  issuer: 'https://id.example.com'",
    '  client_id: tmux-gate',
    '  claims: { login: { claim: email, strip_domain: example.com }, groups: groups }',
    'sessions:',
    `  ${session}: { run_as: dba, who: [engineers], approvers: { groups: [oncall] }, window: { default: 30m, max: 2h } }`,
    'peers:',
    ...peers,
    '',
  ].join('\n');
}

async function openKeeper(layout: Layout, text: string): Promise<Keeper> {
  const config = parseConfig(text, { reservedNames });
  const seen = { ready: 0, events: 0, ended: new Set<string>() };
  const opened: { context?: Context } = {};
  const onStore = (): void => {
    const { context } = opened;
    if (context === undefined) seen.ready += 1;
    else void assertTombstones(context, 'own').then(() => (seen.ready += 1), silent);
  };
  const policy = { config, text, raw: {}, named: {} };
  const context = await compose(layout, policy, quietLog, onStore);
  opened.context = context;
  await context.store.connected(AbortSignal.timeout(minute));
  context.eventLoop.close(); // all keepers share one loop here, which each of them would measure
  context.liveGrants.onEnd(({ live }) => seen.ended.add(live.grant.id));
  return { context, grants: [], seen };
}

function follow({ context, seen }: Keeper, signal: AbortSignal): void {
  followStore({ ...context, subscribers: { changed: () => (seen.events += 1) } }, signal);
}

const silent = (): void => undefined;
const quietLog = { info: silent, warn: silent, error: silent } as unknown as Log;

/** Gives grants as the keeper does after a review: signed by its host, in the store, and live. */
async function giveGrants({ context }: Keeper, count: number): Promise<readonly Grant[]> {
  const { host, config, store, keys, liveGrants } = context;
  const policy = sessionOf(config, session);
  if (policy === undefined) throw new Error('the policy has no session');
  const given: Grant[] = [];
  for (let n = 0; n < count; n++) {
    const [id, request] = [grantId(context.random(idBytes.grant)), requestId(context.random(idBytes.request))];
    const end = (Math.floor(Date.now() / 1000) + (2 * hour) / 1000) * 1000;
    const who = personOf(`engineer${String(n)}`);
    const grant: Grant = {
      ...{ id, request, digest: createHash('sha256').update(request).digest('hex'), host, session, who },
      ...{ reason: 'INC-4711 the index is not used', approvers: [personOf('bob')], start: Date.now(), end },
      terms: termsOf(policy),
    };
    const jws = await keys.sign('grant', grant);
    await store.post({ id: request, jws, answerBy: Date.now() + minute });
    const { login } = who;
    if (!(await store.grant(request, { host, session, login, grantId: id, jws, end })))
      throw new Error('the store took no grant');
    liveGrants.add({ grant, keyEnd: end });
    given.push(grant);
  }
  return given;
}

const personOf = (login: string): Grant['who'] => ({
  ...{ issuer: 'https://id.example.com', subject: `auth0|${login}`, claim: `${login}@example.com`, login },
});
