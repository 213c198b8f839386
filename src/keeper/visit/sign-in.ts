// One device-code login, as a person sees it (RFC 8628): the link, the code, the QR code, and the wait.
import type { DeviceLogin, SignedIn } from '../../adapters/oidc.ts';
import { qrCode } from '../../adapters/qr.ts';
import { line } from '../../core/text.ts';
import type { Door } from '../door.ts';
import type { House } from '../house.ts';
import { checkOwner, type Visitor } from './identify.ts';

/**
 * Asks the person to prove who they are, and checks that the login is theirs.
 * @param purpose what the proof is for, in our words and ids alone.
 * @throws Refused
 */
export async function deviceLogin(house: House, door: Door, visitor: Visitor, purpose: string): Promise<SignedIn> {
  const login = await door.wait('Asking the identity provider for a code', undefined, (signal) =>
    house.provider.begin(signal),
  );
  door.note(invitation(house, visitor, login, purpose));
  const proved = await door.wait('Waiting for your sign-in', login.expiresAt, (signal) => login.complete(signal));
  await checkOwner(house, visitor.login, proved.identity);
  door.note([`  Signed in as ${line(proved.identity.claim, 120)}.`, '']);
  return proved;
}

function invitation(house: House, visitor: Visitor, login: DeviceLogin, purpose: string): readonly string[] {
  const link = login.uriComplete ?? login.uri;
  return [
    '',
    `  tmux-gate on ${house.host}: ${purpose}`,
    '',
    `  Open  ${link}`,
    `  Code  ${login.code}`,
    ...(visitor.hello.tty ? ['', ...qrLines(link, visitor.hello)] : []),
    '',
  ];
}

/** A QR code for a phone; left out where the terminal is too small to show it whole. */
function qrLines(link: string, { rows, cols, utf8 }: Visitor['hello']): readonly string[] {
  const lines = qrCode(link, utf8);
  const width = Array.from(lines[0] ?? '').length + 2;
  return lines.length + 10 <= rows && width <= cols ? lines.map((text) => `  ${text}`) : [];
}
