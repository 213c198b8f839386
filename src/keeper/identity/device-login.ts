// One device login (RFC 8628) as a person sees it: the link, the code, the QR code, and the wait.
import type { DeviceLogin, Provider, SignedIn } from '../../adapters/oidc.ts';
import { qrCode } from '../../adapters/qr.ts';
import { Refused } from '../../core/refusal.ts';
import { sanitizeLine } from '../../core/text.ts';
import { askingForCode, invitation, signedIn, waitingForSignIn } from '../../core/messages/waiting.ts';
import type { RunningCount } from '../concurrency/running-limit.ts';
import type { Conversation } from '../conversation.ts';
import { checkOwnLock, type CheckLockDeps } from './check-lock.ts';
import { checkOwner, type CheckOwnerDeps } from './check-owner.ts';
import type { Visitor } from './visitor.ts';

export interface DeviceLoginDeps extends CheckLockDeps, CheckOwnerDeps {
  readonly provider: Provider;
  /** Device logins that wait at the provider, by login. */
  readonly waitingSignIns: RunningCount<string>;
}

/**
 * Asks the person to sign in at the provider, and checks that the login is theirs.
 * @param purpose what the sign-in is for, in our words and ids alone
 * @throws Refused MANY_SIGN_INS, CANCELLED, LOCKED, what `checkOwner` refuses, or a fault of the provider
 */
export async function deviceLogin(
  deps: DeviceLoginDeps,
  conversation: Conversation,
  visitor: Visitor,
  purpose: string,
): Promise<SignedIn> {
  return inPlace(deps, visitor.login, async () => prove(deps, conversation, visitor, purpose));
}

/** Device logins of one login at once, for visits and reviews together. Each is a code that waits at the provider (M19). */
const mostEach = 4;

/** @throws Refused MANY_SIGN_INS */
async function inPlace<T>(deps: DeviceLoginDeps, login: string, task: () => Promise<T>): Promise<T> {
  const { waitingSignIns: waiting } = deps;
  if (waiting.of(login) >= mostEach) throw new Refused('MANY_SIGN_INS', { login, max: mostEach, host: deps.host });
  return waiting.run(login, task);
}

async function prove(
  deps: DeviceLoginDeps,
  conversation: Conversation,
  visitor: Visitor,
  purpose: string,
): Promise<SignedIn> {
  const login = await conversation.wait(askingForCode, undefined, (signal) => deps.provider.begin(signal));
  conversation.note(invitationTo(deps, visitor, login, purpose));
  const proved = await conversation.wait(waitingForSignIn, login.expiresAt, (signal) => login.complete(signal));
  checkOwnLock(deps, visitor); // again: a lock may have come during the wait
  await checkOwner(deps, visitor.login, proved.identity);
  conversation.note([signedIn(sanitizeLine(proved.identity.claim, 120)), '']);
  return proved;
}

function invitationTo(deps: DeviceLoginDeps, visitor: Visitor, login: DeviceLogin, purpose: string): readonly string[] {
  const link = login.uriComplete ?? login.uri;
  const { tty, plain } = visitor.hello;
  const qr = tty && plain !== true ? qrLines(link, visitor.hello) : [];
  return invitation({ host: deps.host, purpose, link, code: login.code, qr });
}

/** A QR code for a phone; empty when the terminal is too small to show it whole. */
function qrLines(link: string, { rows, cols, utf8 }: Visitor['hello']): readonly string[] {
  const lines = qrCode(link, utf8);
  const width = Array.from(lines[0] ?? '').length + 2;
  return lines.length + 10 <= rows && width <= cols ? lines.map((text) => `  ${text}`) : [];
}
