// Which login came, and which person is behind it.
//
// 1. The uid that sudo vouches for is the login; the loginuid that PAM set must agree (law 2), and so must sudo's rule with the login's
//    groups of this moment (adapters/sudo-rule.ts). Attack: `su`, or a stray process, comes as somebody else.
// 2. A login that can make files run before the gate is not gated, so it is refused (docs/design.md, "The policy").
// 3. The key's fingerprint is claimed. A sign-in is remembered for a fingerprint, but a fingerprint proves no identity. Attack: a login
//    rewrites the file that sshd leaves for the gate.
// 4. A remembered sign-in says who somebody is. Their groups are asked of the provider again every `sign_in.recheck`. Attack: a person who
//    was taken out of a group uses a grant, or asks for one, with the groups that they had when they signed in.
// 5. A sign-in that was taken over from another host (batches/vouch.ts) lets in under the access that it came with. It does nothing else: this host
//    cannot ask the provider about it. Attack: a host that was taken over says that somebody is an approver or an auditor.
import { homeFault, type Account, type Accounts } from '../../adapters/accounts.ts';
import { fingerprintOf } from '../../adapters/ssh-key.ts';
import { isLogin } from '../../core/ids.ts';
import type { EventFields } from '../../core/events/events.ts';
import { isSamePerson, type Identity } from '../../core/identity.ts';
import { Refused } from '../../core/refusal.ts';
import { serves, signInOf, signInShape, type SignIn } from '../../core/sign-in.ts';
import { sanitizeLine } from '../../core/text.ts';
import { purposes } from '../../core/messages/waiting.ts';
import { protocolVersion, type Hello } from '../../wire/messages.ts';
import type { Conversation } from '../conversation.ts';
import { prove, type ProveDeps, type Proved } from './prove.ts';
import type { Visitor } from './visitor.ts';
import type { Named } from '../../adapters/sudo-rule.ts';
import type { Layout } from '../../wire/layout.ts';
import type { Rechecks } from './rechecks.ts';
import type { Store } from '../../adapters/redis/store.ts';
import type { Keys } from '../../adapters/keys.ts';
import type { Tombstones } from '../state/tombstones.ts';
import type { Notifier } from '../../adapters/notices/notify.ts';
import type { RecentUsers } from './recent-users.ts';
import type { Log } from '../../adapters/log.ts';

/** Knows which sign-ins are new. */
export interface FreshSignInsDeps {
  /** Sign-ins that were completed since this keeper started; remembered ones are not in it. */
  readonly freshSignIns: WeakSet<SignIn>;
}

export interface IdentifyDeps extends ProveDeps, FreshSignInsDeps {
  sudoNames(login: string): Promise<Named>;
  readonly accounts: Accounts;
  readonly layout: Layout;
  readonly rechecks: Rechecks;
  readonly store: Store;
  readonly keys: Keys;
  now(): number;
  readonly tombstones: Tombstones;
  readonly notifier: Notifier;
  readonly recentUsers: RecentUsers;
  readonly log: Log;
}

const rootName = 'root';

/**
 * The login of a conversation (rules 1 and 2).
 * @throws Refused PROTOCOL, UNKNOWN_LOGIN, LOGIN_MISMATCH, LOGIN_NAME, NOT_GATED, INSECURE_HOME, RC_SHELL, NOT_BY_SUDO
 */
export async function identify(deps: IdentifyDeps, hello: Hello): Promise<Visitor> {
  if (hello.v !== protocolVersion) throw new Refused('PROTOCOL', { host: deps.host });
  return hello.kind === 'local' ? identifyLocal(deps, hello) : identifyLogin(deps, hello);
}

async function identifyLogin(deps: IdentifyDeps, hello: Hello): Promise<Visitor> {
  const account = await deps.accounts.byUid(hello.uid);
  if (account === undefined) throw new Refused('UNKNOWN_LOGIN', { host: deps.host });
  if (account.name !== hello.login) throw new Refused('LOGIN_MISMATCH', {}, 'SUDO_USER and SUDO_UID differ');
  if (hello.loginuid !== undefined && hello.loginuid !== hello.uid) {
    throw new Refused('LOGIN_MISMATCH', {}, `loginuid is ${hello.loginuid}`);
  }
  if (!isLogin(account.name))
    throw new Refused('LOGIN_NAME', { login: sanitizeLine(account.name, 64), host: deps.host });
  await checkRule(deps, account);
  if (!deps.config.insecureLoginHomes) await checkHome(deps, account);
  const address = hello.address.split(' ')[0] ?? '';
  return {
    hello,
    login: account.name,
    uid: account.uid,
    address,
    fingerprint: fingerprintOf(hello.auth),
    local: false,
  };
}

async function checkRule(deps: IdentifyDeps, { name: login }: Account): Promise<void> {
  const named = await deps.sudoNames(login);
  if (named !== 'yes') throw new Refused('NOT_GATED', { login, host: deps.host }, `named by sudo's rule: ${named}`);
}

async function checkHome(deps: IdentifyDeps, account: Account): Promise<void> {
  const fault = await homeFault(account, deps.layout.programs);
  const names = { host: deps.host, login: account.name, home: account.home };
  if (fault === 'home') throw new Refused('INSECURE_HOME', names);
  if (fault === 'shell') throw new Refused('RC_SHELL', names, `shell ${account.shell}`);
}

/** The CLI runs as root on the host. Only the loginuid says which person is behind it. */
async function identifyLocal(deps: IdentifyDeps, hello: Hello): Promise<Visitor> {
  if (hello.uid !== 0) throw new Refused('NOT_BY_SUDO', { host: deps.host });
  const behind =
    hello.loginuid === undefined || hello.loginuid === 0 ? undefined : await deps.accounts.byUid(hello.loginuid);
  const named = behind !== undefined && isLogin(behind.name) ? behind : undefined;
  return {
    hello,
    login: named?.name ?? rootName,
    uid: named?.uid ?? 0,
    address: 'local',
    fingerprint: '',
    local: true,
  };
}

/** Whether somebody completed this sign-in just now; false for a remembered one. */
export function isOfThisVisit({ freshSignIns }: FreshSignInsDeps, signIn: SignIn): boolean {
  return freshSignIns.has(signIn);
}

/** The remembered sign-in of this host with the groups of now, or else a new one (rule 5). @throws Refused what `prove` refuses with */
export async function requireSignIn(deps: IdentifyDeps, conversation: Conversation, visitor: Visitor): Promise<SignIn> {
  const known = await remembered(deps, visitor);
  const own = known?.from === undefined ? known : undefined;
  return (await stillVouchedFor(deps, own)) ?? (await signInAnew(deps, conversation, visitor));
}

/** The same for a visit, which one that was taken over lets in too, under the access that it came with (visit/visit.ts). @throws as above */
export async function requireSignInOfVisit(
  deps: IdentifyDeps,
  conversation: Conversation,
  visitor: Visitor,
): Promise<SignIn> {
  const known = await remembered(deps, visitor);
  return known?.from === undefined ? requireSignIn(deps, conversation, visitor) : known;
}

/** Rule 4. If the provider does not answer, its last answer holds. */
async function stillVouchedFor(deps: IdentifyDeps, signIn: SignIn | undefined): Promise<SignIn | undefined> {
  const groups = signIn === undefined ? undefined : await deps.rechecks.groupsOf(signIn);
  return groups === 'gone' ? undefined : signIn && { ...signIn, groups: groups ?? signIn.groups };
}

/**
 * Asks the provider again about a remembered sign-in (rule 4), before a request is posted: approvers should not be called for somebody who
 * could not enter.
 * @throws Refused what `prove` refuses with
 */
export async function revalidateSignIn(
  deps: IdentifyDeps,
  conversation: Conversation,
  visitor: Visitor,
  who: SignIn,
): Promise<SignIn> {
  if (isOfThisVisit(deps, who)) return who;
  if (who.from !== undefined) return signInAnew(deps, conversation, visitor); // rule 5
  const groups = await deps.rechecks.groupsOf(who, 0);
  return groups === 'gone' ? signInAnew(deps, conversation, visitor) : { ...who, groups: groups ?? who.groups };
}

/**
 * The live sign-in of this login and key; undefined unless this host signed it, no tombstone ended it, and the pin names the same person.
 */
export async function remembered(deps: IdentifyDeps, visitor: Visitor): Promise<SignIn | undefined> {
  const { host } = deps;
  const jws = await deps.store.signIn({ host, login: visitor.login, fingerprint: visitor.fingerprint });
  if (jws === undefined) return undefined;
  const read = await deps.keys.verify(jws, 'sign-in', signInShape, host);
  if (read === undefined || !serves(read.value, { ...visitor, host }, deps.now())) return undefined;
  if (read.value.at <= deps.tombstones.barredUntil(visitor.login)) return undefined;
  const pin = deps.pins.of(visitor.login);
  return pin !== undefined && isSamePerson(pin, read.value) ? read.value : undefined;
}

async function signInAnew(deps: IdentifyDeps, conversation: Conversation, visitor: Visitor): Promise<SignIn> {
  const proved = await prove(deps, conversation, visitor, { purpose: purposes.signIn(visitor.login) });
  const { identity, refreshToken } = proved;
  const { host, config } = deps;
  const at = deps.now();
  const until = at + config.signIn.lifetimeMs;
  const signIn = signInOf(identity, { login: visitor.login, host, fingerprint: visitor.fingerprint, at, until });
  const noRecheck = refreshToken === undefined ? { noRecheck: true } : {};
  await deps.journal.write('sign-in', { ...signInFacts(visitor, proved), ...noRecheck });
  sayOddities(deps, visitor, identity, refreshToken);
  const { login, address: from } = visitor;
  deps.notifier.send({ event: 'signed-in', host, login, from, identity: identity.claim });
  if (visitor.fingerprint !== '') await remember(deps, signIn);
  await deps.rechecks.keep(signIn, refreshToken);
  deps.recentUsers.met(signIn);
  deps.freshSignIns.add(signIn);
  return signIn;
}

/**
 * Otherwise an admin would see only "not allowed", although the groups claim had a form that we do not know, or was not there; and would
 * not see that a person who is disabled at the provider stays signed in here.
 */
function sayOddities(
  { log, config }: IdentifyDeps,
  { login }: Visitor,
  { unreadGroups: form, lacksGroups }: Identity,
  refreshToken: string | undefined,
): void {
  const claim = config.oidc.claims.groups;
  if (form !== undefined) log.warn('groups-not-understood', { login, claim, form });
  if (lacksGroups === true) log.info('groups-not-sent', { login, claim });
  if (refreshToken === undefined) log.warn('no-refresh-token', { login });
}

async function remember(deps: IdentifyDeps, signIn: SignIn): Promise<void> {
  const jws = await deps.keys.sign('sign-in', signIn);
  const { login, fingerprint, until } = signIn;
  await deps.store.rememberSignIn({ host: deps.host, login, fingerprint }, jws, until);
}

/**
 * Makes the person sign in anew, for a review; what is remembered does not count.
 * @param purpose what for, in our words and ids alone.
 * @throws Refused TOKEN_REFUSED when the token is older than the call; what `prove` refuses with
 */
export async function reauthenticate(
  deps: IdentifyDeps,
  conversation: Conversation,
  visitor: Visitor,
  purpose: string,
): Promise<Identity & { readonly flow?: 'code' }> {
  const began = Math.floor(deps.now() / 1000) * 1000;
  const proved = await prove(deps, conversation, visitor, { purpose, freshSince: began });
  const { identity } = proved;
  if (identity.issuedAt < began)
    throw new Refused('TOKEN_REFUSED', { host: deps.host }, 'iat is older than the review');
  await deps.journal.write('proved-anew', { purpose, ...signInFacts(visitor, proved) });
  deps.recentUsers.met({ ...identity, login: visitor.login });
  return { ...identity, ...flowFact(proved) };
}

/** The flow, for records: without a word it was the device flow, as in those of older versions. */
const flowFact = ({ flow }: Proved): { readonly flow?: 'code' } => (flow === 'code' ? { flow } : {});

function signInFacts(visitor: Visitor, proved: Proved): Omit<EventFields<'sign-in'>, 'noRecheck'> {
  const { identity } = proved;
  const { issuer, subject, claim, groups, unreadGroups, lacksGroups, amr, acr, authenticatedAt } = identity;
  const { login, address, fingerprint } = visitor;
  return {
    login,
    claimed: { address, fingerprint },
    identity: { issuer, subject, claim, amr, acr, authenticatedAt },
    groups,
    ...flowFact(proved),
    ...(unreadGroups === undefined ? {} : { unreadGroups }),
    ...(lacksGroups === undefined ? {} : { lacksGroups }),
  };
}
