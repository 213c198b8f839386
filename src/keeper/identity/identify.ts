// Who knocks, and who they are.
//
// 1. The uid that sudo vouches for is the login; the loginuid that PAM set must agree (law 2). Attack: `su` or a stray process
//    that knocks as somebody else.
//    So must sudo's rule, with the groups of this moment (adapters/sudo-rule.ts).
// 2. A login that can make files run before the gate is not gated, so it is refused (docs/design.md, "The policy").
// 3. The key's fingerprint is claimed: a sign-in is remembered under it, and never because of it.
// 4. A remembered sign-in tells who somebody is; which groups they are in, the provider says anew every `sign_in.recheck`. Attack: a
//    person who was taken out of a group comes back under a grant, or asks, by what they were when they signed in.
import { accountByUid, homeFault, type Account } from '../../adapters/accounts.ts';
import { fingerprintOf } from '../../adapters/ssh-key.ts';
import { isLogin } from '../../core/ids.ts';
import { isSamePerson, type Identity } from '../../core/identity.ts';
import { Refused } from '../../core/refusal.ts';
import { serves, signInOf, signInShape, type SignIn } from '../../core/sign-in.ts';
import { sanitizeLine } from '../../core/text.ts';
import { protocolVersion, type Hello } from '../../wire/messages.ts';
import type { Conversation } from '../conversation.ts';
import { deviceLogin, type DeviceLoginDeps } from './device-login.ts';
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

export interface FreshSignInsDeps {
  /** Those that somebody completed since this keeper started, as against remembered ones. */
  readonly freshSignIns: WeakSet<SignIn>;
}

export interface IdentifyDeps extends DeviceLoginDeps, FreshSignInsDeps {
  sudoNames(login: string): Promise<Named>;
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

/** Rules 1 and 2. @throws Refused */
export async function identify(deps: IdentifyDeps, hello: Hello): Promise<Visitor> {
  if (hello.v !== protocolVersion) throw new Refused('PROTOCOL', { host: deps.host });
  return hello.kind === 'local' ? identifyLocal(deps, hello) : identifyLogin(deps, hello);
}

async function identifyLogin(deps: IdentifyDeps, hello: Hello): Promise<Visitor> {
  const account = await accountByUid(hello.uid);
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

/** The CLI runs as root on the host: a person behind it is known by their loginuid alone. */
async function identifyLocal(deps: IdentifyDeps, hello: Hello): Promise<Visitor> {
  if (hello.uid !== 0) throw new Refused('NOT_BY_SUDO', { host: deps.host });
  const behind = hello.loginuid === undefined || hello.loginuid === 0 ? undefined : await accountByUid(hello.loginuid);
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

/** Whether somebody signed in for it just now, as against one that is remembered. */
export function isOfThisVisit({ freshSignIns }: FreshSignInsDeps, signIn: SignIn): boolean {
  return freshSignIns.has(signIn);
}

/** A remembered sign-in, or a new one. @throws Refused */
export async function requireSignIn(deps: IdentifyDeps, conversation: Conversation, visitor: Visitor): Promise<SignIn> {
  return (
    (await stillVouchedFor(deps, await remembered(deps, visitor))) ?? (await signInAnew(deps, conversation, visitor))
  );
}

/** Rule 4: where the provider does not say, what it said last holds. */
async function stillVouchedFor(deps: IdentifyDeps, signIn: SignIn | undefined): Promise<SignIn | undefined> {
  const groups = signIn === undefined ? undefined : await deps.rechecks.groupsOf(signIn);
  return groups === 'gone' ? undefined : signIn && { ...signIn, groups: groups ?? signIn.groups };
}

/** Rule 4, before somebody is woken: a sign-in that is over would let them approve for nothing. @throws Refused */
export async function revalidateSignIn(
  deps: IdentifyDeps,
  conversation: Conversation,
  visitor: Visitor,
  who: SignIn,
): Promise<SignIn> {
  if (isOfThisVisit(deps, who)) return who;
  const groups = await deps.rechecks.groupsOf(who, 0);
  return groups === 'gone' ? signInAnew(deps, conversation, visitor) : { ...who, groups: groups ?? who.groups };
}

/** The live sign-in of this login and key, if there is one that this host signed and the pin still agrees with. */
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
  const { identity, refreshToken } = await deviceLogin(deps, conversation, visitor, `sign in as ${visitor.login}`);
  const { host, config } = deps;
  const at = deps.now();
  const until = at + config.signIn.lifetimeMs;
  const signIn = signInOf(identity, { login: visitor.login, host, fingerprint: visitor.fingerprint, at, until });
  await deps.journal.write('sign-in', signInFacts(visitor, identity));
  sayUnread(deps, visitor, identity);
  const { login, address: from } = visitor;
  deps.notifier.send({ event: 'signed-in', host, login, from, identity: identity.claim });
  if (visitor.fingerprint !== '') await remember(deps, signIn);
  await deps.rechecks.keep(signIn, refreshToken);
  deps.recentUsers.met(signIn);
  deps.freshSignIns.add(signIn);
  return signIn;
}

/** Else "not allowed" is all that anybody reads of a claim of a form that nobody expected. */
function sayUnread({ log, config }: IdentifyDeps, { login }: Visitor, { unreadGroups: form }: Identity): void {
  if (form !== undefined) log.warn('groups-not-understood', { login, claim: config.oidc.claims.groups, form });
}

async function remember(deps: IdentifyDeps, signIn: SignIn): Promise<void> {
  const jws = await deps.keys.sign('sign-in', signIn);
  const { login, fingerprint, until } = signIn;
  await deps.store.rememberSignIn({ host: deps.host, login, fingerprint }, jws, until);
}

/** Who somebody is, proved anew, for a review. @throws Refused */
export async function reauthenticate(
  deps: IdentifyDeps,
  conversation: Conversation,
  visitor: Visitor,
  purpose: string,
): Promise<Identity> {
  const began = Math.floor(deps.now() / 1000) * 1000;
  const { identity } = await deviceLogin(deps, conversation, visitor, purpose);
  if (identity.issuedAt < began)
    throw new Refused('TOKEN_REFUSED', { host: deps.host }, 'iat is older than the review');
  await deps.journal.write('proved-anew', { purpose, ...signInFacts(visitor, identity) });
  deps.recentUsers.met({ ...identity, login: visitor.login });
  return identity;
}

function signInFacts(visitor: Visitor, identity: Identity): Record<string, unknown> {
  const { issuer, subject, claim, groups, unreadGroups, amr, acr, authenticatedAt } = identity;
  const { login, address, fingerprint } = visitor;
  return {
    login,
    claimed: { address, fingerprint },
    identity: { issuer, subject, claim, amr, acr, authenticatedAt },
    groups,
    ...(unreadGroups === undefined ? {} : { unreadGroups }),
  };
}
