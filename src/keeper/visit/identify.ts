// Who knocks, and who they are.
//
// 1. The uid that sudo vouches for is the login; the loginuid that PAM set must agree (law 2). Attack: `su` or a stray process
//    that knocks as somebody else.
//    So must sudo's rule, with the groups of this moment (adapters/sudo-rule.ts).
// 2. A login that can make files run before the gate is not gated, so it is refused (design section 9).
// 3. An identity counts only where it maps to the login that asked: a code relayed to somebody else signs in as them (H11).
// 4. The first sign-in of a login pins issuer and subject: names and addresses at a provider can be renamed or reused.
// 5. The key's fingerprint is claimed: a sign-in is remembered under it, and never because of it.
// 6. A remembered sign-in tells who somebody is; which groups they are in, the provider says anew every `sign_in.recheck`. Attack: a
//    person who was taken out of a group comes back under a grant, or asks, by what they were when they signed in.
import { accountByUid, homeFault, type Account } from '../../adapters/accounts.ts';
import { fingerprintOf } from '../../adapters/ssh-key.ts';
import { isLogin } from '../../core/ids.ts';
import { isSamePerson, mapsTo, type Identity } from '../../core/identity.ts';
import { Refused } from '../../core/refusal.ts';
import { serves, signInOf, signInShape, type SignIn } from '../../core/sign-in.ts';
import { line } from '../../core/text.ts';
import { protocolVersion, type Hello } from '../../wire/messages.ts';
import type { Reader } from '../../wire/to-type.ts';
import type { Door } from '../door.ts';
import type { House } from '../house.ts';
import { deviceLogin } from './sign-in.ts';

export interface Visitor {
  readonly hello: Hello;
  /** The login; `root` for root on the host itself without a login of their own. */
  readonly login: string;
  readonly uid: number;
  /** Claimed. */
  readonly address: string;
  readonly fingerprint: string;
  readonly local: boolean;
}

const rootName = 'root';

/** Rules 1 and 2. @throws Refused */
export async function identify(house: House, hello: Hello): Promise<Visitor> {
  if (hello.v !== protocolVersion) throw new Refused('PROTOCOL', { host: house.host });
  return hello.kind === 'local' ? identifyLocal(house, hello) : identifyLogin(house, hello);
}

async function identifyLogin(house: House, hello: Hello): Promise<Visitor> {
  const account = await accountByUid(hello.uid);
  if (account === undefined) throw new Refused('UNKNOWN_LOGIN', { host: house.host });
  if (account.name !== hello.login) throw new Refused('LOGIN_MISMATCH', {}, 'SUDO_USER and SUDO_UID differ');
  if (hello.loginuid !== undefined && hello.loginuid !== hello.uid) {
    throw new Refused('LOGIN_MISMATCH', {}, `loginuid is ${hello.loginuid}`);
  }
  if (!isLogin(account.name)) throw new Refused('LOGIN_NAME', { login: line(account.name, 64), host: house.host });
  await checkRule(house, account);
  if (!house.config.insecureLoginHomes) await checkHome(house, account);
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

async function checkRule(house: House, { name: login }: Account): Promise<void> {
  const named = await house.named(login);
  if (named !== 'yes') throw new Refused('NOT_GATED', { login, host: house.host }, `named by sudo's rule: ${named}`);
}

async function checkHome(house: House, account: Account): Promise<void> {
  const fault = await homeFault(account, house.layout.programs);
  const names = { host: house.host, login: account.name, home: account.home };
  if (fault === 'home') throw new Refused('INSECURE_HOME', names);
  if (fault === 'shell') throw new Refused('RC_SHELL', names, `shell ${account.shell}`);
}

/** The CLI runs as root on the host: a person behind it is known by their loginuid alone. */
async function identifyLocal(house: House, hello: Hello): Promise<Visitor> {
  if (hello.uid !== 0) throw new Refused('NOT_BY_SUDO', { host: house.host });
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

export function isRoot(visitor: Visitor): boolean {
  return visitor.local;
}

/** For what they are told to type. */
export function readerOf({ host }: House, { local }: Visitor): Reader {
  return { host, local };
}

const ofThisVisit = new WeakSet<SignIn>();

/** Whether somebody signed in for it just now, as against one that is remembered. */
export function isOfThisVisit(signIn: SignIn): boolean {
  return ofThisVisit.has(signIn);
}

/** A remembered sign-in, or a new one. @throws Refused */
export async function signedIn(house: House, door: Door, visitor: Visitor): Promise<SignIn> {
  return (await stillVouchedFor(house, await remembered(house, visitor))) ?? (await signInAnew(house, door, visitor));
}

/** Rule 6: where the provider does not say, what it said last holds. */
async function stillVouchedFor(house: House, signIn: SignIn | undefined): Promise<SignIn | undefined> {
  const groups = signIn === undefined ? undefined : await house.rechecks.groupsOf(signIn);
  return groups === 'gone' ? undefined : signIn && { ...signIn, groups: groups ?? signIn.groups };
}

/** Rule 6, before somebody is woken: a sign-in that is over would let them approve for nothing. @throws Refused */
export async function vouchedForNow(house: House, door: Door, visitor: Visitor, who: SignIn): Promise<SignIn> {
  if (isOfThisVisit(who)) return who;
  const groups = await house.rechecks.groupsOf(who, 0);
  return groups === 'gone' ? signInAnew(house, door, visitor) : { ...who, groups: groups ?? who.groups };
}

/** The live sign-in of this login and key, if there is one that this host signed and the pin still agrees with. */
export async function remembered(house: House, visitor: Visitor): Promise<SignIn | undefined> {
  const { host } = house;
  const jws = await house.board.signIn(host, visitor.login, visitor.fingerprint);
  if (jws === undefined) return undefined;
  const read = await house.keys.verify(jws, 'sign-in', signInShape, host);
  if (read === undefined || !serves(read.value, { ...visitor, host }, house.now())) return undefined;
  if (read.value.at <= house.tombstones.barredUntil(visitor.login)) return undefined;
  const pin = house.pins.of(visitor.login);
  return pin !== undefined && isSamePerson(pin, read.value) ? read.value : undefined;
}

async function signInAnew(house: House, door: Door, visitor: Visitor): Promise<SignIn> {
  const { identity, refreshToken } = await deviceLogin(house, door, visitor, `sign in as ${visitor.login}`);
  const { host, config } = house;
  const at = house.now();
  const until = at + config.signIn.lifetimeMs;
  const signIn = signInOf(identity, { login: visitor.login, host, fingerprint: visitor.fingerprint, at, until });
  await house.journal.write('sign-in', signInFacts(visitor, identity));
  sayUnread(house, visitor, identity);
  const { login, address: from } = visitor;
  house.notifier.send({ event: 'signed-in', host, login, from, identity: identity.claim });
  if (visitor.fingerprint !== '') await remember(house, signIn);
  await house.rechecks.keep(signIn, refreshToken);
  house.directory.met(signIn);
  ofThisVisit.add(signIn);
  return signIn;
}

/** Else "not allowed" is all that anybody reads of a claim of a form that nobody expected. */
function sayUnread({ log, config }: House, { login }: Visitor, { unreadGroups: form }: Identity): void {
  if (form !== undefined) log.warn('groups-not-understood', { login, claim: config.oidc.claims.groups, form });
}

async function remember(house: House, signIn: SignIn): Promise<void> {
  const jws = await house.keys.sign('sign-in', signIn);
  await house.board.rememberSignIn(house.host, signIn.login, signIn.fingerprint, jws, signIn.until);
}

/** Who somebody is, proved anew, for a review. @throws Refused */
export async function freshly(house: House, door: Door, visitor: Visitor, purpose: string): Promise<Identity> {
  const began = Math.floor(house.now() / 1000) * 1000;
  const { identity } = await deviceLogin(house, door, visitor, purpose);
  if (identity.issuedAt < began)
    throw new Refused('TOKEN_REFUSED', { host: house.host }, 'iat is older than the review');
  await house.journal.write('proved-anew', { purpose, ...signInFacts(visitor, identity) });
  house.directory.met({ ...identity, login: visitor.login });
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

/** Rules 3 and 4. @throws Refused NOT_THIS_LOGIN, PIN_MISMATCH */
export async function checkOwner(house: House, login: string, identity: Identity): Promise<void> {
  if (!mapsTo(identity.claim, login, house.config.oidc.claims.login)) {
    throw new Refused('NOT_THIS_LOGIN', { login: line(login, 64), claim: line(identity.claim, 120) });
  }
  // One at a time: of two people who come as the same new login at once, one is pinned and the other refused.
  await house.oneByOne(`pin ${login}`, async () => checkPin(house, login, identity));
}

async function checkPin(house: House, login: string, identity: Identity): Promise<void> {
  const pin = house.pins.of(login);
  if (pin !== undefined && !isSamePerson(pin, identity)) {
    throw new Refused('PIN_MISMATCH', { login, host: house.host }, `pinned ${pin.subject}, came ${identity.subject}`);
  }
  if (pin === undefined) {
    await house.journal.write('pinned', {
      login,
      issuer: identity.issuer,
      subject: identity.subject,
      claim: identity.claim,
    });
    await house.pins.set(login, identity);
  }
}
