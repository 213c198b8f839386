// One device-code login, as a person sees it (RFC 8628): the link, the code, the QR code, and the wait.
import type { DeviceLogin, SignedIn } from '../../adapters/oidc.ts';
import { qrCode } from '../../adapters/qr.ts';
import { Refused } from '../../core/refusal.ts';
import { line } from '../../core/text.ts';
import { openAtOnce } from '../at-once.ts';
import type { Door } from '../door.ts';
import type { House } from '../house.ts';
import { checkOwnLock } from '../open.ts';
import { checkOwner, type Visitor } from './identify.ts';

/**
 * Asks the person to prove who they are, and checks that the login is theirs.
 * @param purpose what the proof is for, in our words and ids alone.
 * @throws Refused
 */
export async function deviceLogin(house: House, door: Door, visitor: Visitor, purpose: string): Promise<SignedIn> {
  return inPlace(house, visitor.login, async () => prove(house, door, visitor, purpose));
}

/** Of one login at once, for a visit and for reviews together. Each is a code at the provider that waits (threats M19). */
const mostEach = 4;
const places = openAtOnce<string>();

/** @throws Refused MANY_SIGN_INS */
async function inPlace<T>(house: House, login: string, task: () => Promise<T>): Promise<T> {
  if (places.of(login) >= mostEach) throw new Refused('MANY_SIGN_INS', { login, max: mostEach, host: house.host });
  return places.run(login, task);
}

async function prove(house: House, door: Door, visitor: Visitor, purpose: string): Promise<SignedIn> {
  const login = await door.wait('Asking the identity provider for a code', undefined, (signal) =>
    house.provider.begin(signal),
  );
  door.note(invitation(house, visitor, login, purpose));
  const proved = await door.wait('Waiting for your sign-in', login.expiresAt, (signal) => login.complete(signal));
  checkOwnLock(house, visitor); // a lock that came meanwhile is not outwaited
  await checkOwner(house, visitor.login, proved.identity);
  door.note([`  Signed in as ${line(proved.identity.claim, 120)}.`, '']);
  return proved;
}

function invitation(house: House, visitor: Visitor, login: DeviceLogin, purpose: string): readonly string[] {
  const link = login.uriComplete ?? login.uri;
  const { tty, plain } = visitor.hello;
  return [
    '',
    `  tmux-gate on ${house.host}: ${purpose}`,
    '',
    `  Open  ${link}`,
    `  Code  ${login.code}`,
    ...(tty && plain !== true ? ['', ...qrLines(link, visitor.hello)] : []),
    '',
  ];
}

/** A QR code for a phone; left out where the terminal is too small to show it whole. */
function qrLines(link: string, { rows, cols, utf8 }: Visitor['hello']): readonly string[] {
  const lines = qrCode(link, utf8);
  const width = Array.from(lines[0] ?? '').length + 2;
  return lines.length + 10 <= rows && width <= cols ? lines.map((text) => `  ${text}`) : [];
}
