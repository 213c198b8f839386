// The facts that the checks share. Each is read once, when the first check asks for it.
import { accountByName, type Account } from '../adapters/accounts.ts';
import { installedBy } from '../adapters/installed.ts';
import { casOf } from '../adapters/oidc-clients.ts';
import { openTransport, type FetchWhole } from '../adapters/oidc-transport.ts';
import { shippedBy, type Shipped } from '../core/messages/shipped.ts';
import type { Config, SessionPolicy } from '../core/policy-types.ts';
import type { Layout } from '../wire/layout.ts';
import { groupOfRule, membersOf } from './gated-group.ts';
import { NotInspectable } from './not-inspectable.ts';
import { readMetadata, type Metadata } from './provider-facts.ts';
import { readRedis, type RedisFacts } from './redis-facts.ts';
import { readPort, readSettings, type Settings } from './sshd-settings.ts';
import { readListing, type Listing } from './sudo-listing.ts';

/** What the doctor is started with. */
export interface Inputs {
  readonly layout: Layout;
  /** The path of sshd's configuration file. */
  readonly sshdConfig: string;
  /** The group of the gated logins; undefined: the one that the sudo rule names. */
  readonly group: string | undefined;
  /** The logins to check; none: all of the group. */
  readonly logins: readonly string[];
  /** Reads the policy. @throws what is wrong with it. */
  readonly loadConfig: () => Promise<Config>;
  /** The keeper's answer to `status --json`; undefined when it does not answer. */
  readonly askKeeper: () => Promise<string | undefined>;
}

/** The facts about the host. Each function reads its fact at the first call. */
export interface Scene extends Inputs {
  readonly root: boolean;
  /** The path of the gate, as the sudo rule must have it. */
  readonly gate: string;
  /** What tmux-gate came with on this host, for remedies. */
  readonly shipped: Shipped;
  /** The policy. @throws NotInspectable when it cannot be read. */
  config(): Promise<Config>;
  /** The group of the gated logins; undefined when no sudo rule names one. */
  gatedGroup(): Promise<string | undefined>;
  /** The accounts of the gated logins. @throws NotInspectable when there are none. */
  gated(): Promise<readonly Account[]>;
  /** The sessions of the policy, each with its account. @throws NotInspectable */
  sessions(): Promise<readonly Session[]>;
  /** sshd's settings for a login. @throws NotInspectable */
  settings(login: string): Promise<Settings>;
  /** sudo's rules and settings for a login. @throws NotInspectable */
  listing(login: string): Promise<Listing>;
  redis(): Promise<RedisFacts>;
  /** Asks the provider, as the policy trusts it. @throws NotInspectable, or what is wrong with `oidc.ca_file` */
  fetch(): Promise<FetchWhole>;
  metadata(): Promise<Metadata>;
}

/** A session of the policy and its account. */
export interface Session {
  readonly policy: SessionPolicy;
  /** Undefined when the account does not exist. */
  readonly account: Account | undefined;
}

/** The facts of this host. Nothing is read yet. */
export function openScene(inputs: Inputs): Scene {
  const gate = `${inputs.layout.programs}/gate`;
  const config = once(async () => readConfig(inputs));
  const group = once(async () => inputs.group ?? (await groupOfRule(gate)));
  const port = once(async () => readPort(inputs.sshdConfig));
  const scene: Scene = {
    ...inputs,
    root: process.getuid?.() === 0,
    gate,
    shipped: shippedBy(installedBy(inputs.layout.programs)),
    config,
    gatedGroup: group,
    gated: once(async () => findLogins(inputs, await group())),
    sessions: once(async () => Promise.all(Object.values((await config()).sessions).map(sessionOf))),
    settings: onceEach(async (login) => readSettings(inputs.sshdConfig, await port(), login)),
    listing: onceEach(async (login) => readListing(login)),
    redis: once(async () => readRedis(await config(), inputs.layout)),
    fetch: once(async () => openTransport(await casOf((await config()).oidc))),
    metadata: once(async () => readMetadata((await config()).oidc.issuer, await scene.fetch())),
  };
  return scene;
}

async function readConfig({ loadConfig }: Inputs): Promise<Config> {
  try {
    return await loadConfig();
  } catch {
    throw new NotInspectable('the policy cannot be read', 'see the check config');
  }
}

async function sessionOf(policy: SessionPolicy): Promise<Session> {
  return { policy, account: await accountByName(policy.runAs) };
}

async function findLogins(inputs: Inputs, group: string | undefined): Promise<readonly Account[]> {
  const names = inputs.logins.length > 0 ? inputs.logins : await membersOf(group);
  const accounts = await Promise.all(names.map(async (name) => accountByName(name)));
  const found = accounts.filter((account) => account !== undefined);
  if (found.length === 0) throw new NotInspectable('no gated login was found', 'see the check login-found');
  return found;
}

function once<T>(find: () => Promise<T>): () => Promise<T> {
  let found: Promise<T> | undefined;
  return async () => (found ??= find());
}

function onceEach<T>(find: (key: string) => Promise<T>): (key: string) => Promise<T> {
  const found = new Map<string, Promise<T>>();
  return async (key) => {
    const known = found.get(key) ?? find(key);
    found.set(key, known);
    return known;
  };
}
