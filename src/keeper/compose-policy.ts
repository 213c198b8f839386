// Opens what is made from the policy, and makes it anew for another one: provider, client of approval links, hooks, receivers of notices, keys
// of peers.
//
// 1. All of it is made before anything is exchanged: where one part fails (a secret that cannot be read, a key that is none), everything
//    stays as it was. Accident: half of a policy is in force.
// 2. All of it is exchanged in one turn of the event loop, by `reload.ts`, together with the policy itself.
// 3. Services hold stand-ins, so none of them keeps an old part. A sign-in that is under way at the old provider ends there, and counts only
//    if `oidc` still says the same (identity/device-login.ts).
import type { Account } from '../adapters/accounts.ts';
import { openHooks, type Hooks } from '../adapters/hooks/hook.ts';
import type { Journal } from '../adapters/journal/journal.ts';
import type { KeysOfKeeper } from '../adapters/keys.ts';
import type { Log } from '../adapters/log.ts';
import { openNotifier, type Notifier, type NotifyTarget } from '../adapters/notices/notify.ts';
import { optionsFor } from '../adapters/oidc-clients.ts';
import { openGroupList } from '../adapters/oidc-groups.ts';
import { openProvider, type Provider } from '../adapters/oidc.ts';
import type { Outgoing } from '../adapters/outgoing.ts';
import { readFile } from 'node:fs/promises';
import type { GroupList } from '../core/identity.ts';
import { withoutLink, type Notice } from '../core/notice.ts';
import type { Config } from '../core/policy-types.ts';
import { heardProvider, type MetricsHears } from './metrics/hears.ts';
import { openExchangedNotifier } from './notices/exchanged-notifier.ts';
import { watchedTickets, type Failing } from './notices/failing.ts';
import { limitNotices } from './notices/rate-limit.ts';
import { standInFor } from './state/stand-in.ts';

export interface FromPolicyDeps {
  readonly service: Account;
  readonly keys: Pick<KeysOfKeeper, 'readPeers'>;
  readonly journal: Pick<Journal, 'write'>;
  readonly log: Log;
  readonly failing: Failing;
  readonly outgoing: Pick<Outgoing, 'identity'>;
  /** Undefined: the policy of the start asks for no metrics. */
  readonly metrics: MetricsHears | undefined;
}

/** What is made from the policy in force. */
export interface FromPolicy {
  readonly provider: Provider;
  /** The OIDC client of approval links; undefined when none is configured. */
  readonly approvals: () => Provider | undefined;
  readonly hooks: () => Hooks;
  /** Reads the list of groups that takes the place of the groups claim; undefined: the policy names none. */
  readonly groupList: () => Promise<GroupList> | undefined;
  readonly notifier: Notifier;
  /** Makes all of it from another policy (rule 1). @returns exchanges it (rule 2) @throws Error when something cannot be made */
  prepare(config: Config): Promise<() => void>;
}

/** How long one notice may take. */
const noticeMs = 5_000;

const now = Date.now;

interface Made {
  readonly provider: Provider;
  readonly approvals: Provider | undefined;
  readonly hooks: Hooks;
  readonly groupList: (() => Promise<GroupList>) | undefined;
  readonly notifier: Notifier;
}

/** @throws Error when something cannot be made */
export async function openFromPolicy(deps: FromPolicyDeps, config: Config): Promise<FromPolicy> {
  let made = await make(deps, config);
  const notifier = openExchangedNotifier(made.notifier);
  return {
    provider: standInFor(() => made.provider),
    approvals: () => made.approvals,
    hooks: () => made.hooks,
    groupList: () => made.groupList?.(),
    notifier: limited(deps, notifier),
    prepare: async (other) => {
      const [next, usePeers] = await Promise.all([make(deps, other), deps.keys.readPeers(other.peers)]);
      return () => {
        made = next;
        notifier.use(next.notifier);
        usePeers();
        for (const name of deps.failing.names()) deps.failing.works(name); // of the hooks and receivers before
      };
    },
  };
}

async function make(deps: FromPolicyDeps, config: Config): Promise<Made> {
  const { oidc } = config;
  const { groupsFile } = oidc.claims;
  const provider = openProvider(await optionsFor(oidc, oidc, now));
  const hooks = await openHooks(config, deps.service);
  return {
    provider: deps.metrics === undefined ? provider : heardProvider(provider, deps.metrics.issuer),
    groupList: groupsFile === undefined ? undefined : openGroupList(groupsFile),
    // A client of its own: the tokens of one client prove nothing to the other (law 2).
    approvals: oidc.approvalClient && openProvider(await optionsFor(oidc, oidc.approvalClient, now)),
    hooks: { ...hooks, tickets: watchedTickets(hooks.tickets, deps.failing) },
    notifier: await openNotices(deps, config),
  };
}

/** A notice that was given up is journaled, because somebody may have waited for it. */
async function openNotices(deps: FromPolicyDeps, config: Config): Promise<Notifier> {
  const { failing, journal, log, outgoing } = deps;
  const failed = (target: string, problem: string, notice: Notice): void => {
    failing.failed(target);
    journal.write('notice-failed', { target, problem, notice: withoutLink(notice) }).catch(unwritten(log));
  };
  const arrived = (target: string): void => failing.works(target);
  const told = { failed, arrived, identity: outgoing.identity };
  return openNotifier({ targets: await receivers(config), timeoutMs: noticeMs, log, ...told });
}

/** So is the start of holding notices back, of which the count goes on when the receivers are exchanged. */
function limited({ journal, log }: FromPolicyDeps, notifier: Notifier): Notifier {
  return limitNotices(notifier, now, (held) => {
    journal.write('notices-held-back', { ...held }).catch(unwritten(log));
  });
}

const unwritten =
  (log: Log) =>
  (error: unknown): void =>
    log.error('notice-not-journaled', { error });

async function receivers({ notify }: Config): Promise<readonly NotifyTarget[]> {
  return Promise.all(notify.map(async ({ secretFile, ...target }) => ({ ...target, ...(await secretOf(secretFile)) })));
}

async function secretOf(file: string | undefined): Promise<{ readonly secret?: string }> {
  return file === undefined ? {} : { secret: (await readFile(file, 'utf8')).trim() };
}
