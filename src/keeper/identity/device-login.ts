// One device login (RFC 8628) as a person sees it: the link, the code, the QR code, and the wait.
import type { DeviceLogin, Provider, SignedIn } from '../../adapters/oidc.ts';
import { qrCode } from '../../adapters/qr.ts';
import { askingForCode, invitation, waitingForSignIn } from '../../core/messages/waiting.ts';
import type { Conversation } from '../conversation.ts';
import type { Visitor } from './visitor.ts';

export interface DeviceLoginDeps {
  readonly host: string;
  readonly provider: Provider;
}

/**
 * Asks the person to sign in by a code. Whoever completes it is not compared with the login yet (prove.ts).
 * @param purpose what the sign-in is for, in our words and ids alone
 * @throws Refused CANCELLED, or a fault of the provider
 */
export async function deviceLogin(
  deps: DeviceLoginDeps,
  conversation: Conversation,
  visitor: Visitor,
  purpose: string,
): Promise<SignedIn> {
  const login = await conversation.wait(askingForCode, undefined, (signal) => deps.provider.begin(signal));
  conversation.note(invitationTo(deps, visitor, login, purpose));
  return conversation.wait(waitingForSignIn, login.expiresAt, (signal) => login.complete(signal));
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
