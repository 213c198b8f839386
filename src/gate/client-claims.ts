// Collects the client claims: what the gate can say of its caller. None of them is a proof (law 2) except the uid, which sudo sets.
//
// 1. The caller's file is read with the caller's rights: effective uid lowered, O_NOFOLLOW, limited size, a regular file. Attack: a link
//    at the path in SSH_USER_AUTH makes root read somebody's secret.
// 2. What is too long is not sent; only its length is. Attack: a long value that the caller sets makes buffers grow.
import { constants, closeSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs';
import { isatty } from 'node:tty';
import { sanitizeLine } from '../core/text.ts';
import { commandLimit } from '../wire/frames.ts';
import { readLoginuid } from '../wire/loginuid.ts';
import { plainnessOf } from '../wire/plain.ts';
import { protocolVersion, type Hello } from '../wire/messages.ts';
import { sizeOf } from '../wire/terminal-size.ts';

/** Who called sudo. */
export interface Caller {
  readonly uid: number;
  readonly login: string;
}

/** Who called sudo, by SUDO_UID and SUDO_USER, which sudo(8) sets; undefined when sudo did not start the gate, or root called it. */
export function callerOf(env: NodeJS.ProcessEnv): Caller | undefined {
  const uid = Number(env['SUDO_UID']);
  const login = env['SUDO_USER'] ?? '';
  return Number.isSafeInteger(uid) && uid > 0 && login !== '' && login.length <= 64 ? { uid, login } : undefined;
}

const authLimit = 16 * 1024;

/** The first message to the keeper. @param env sudo's environment, with the SSH_ and locale variables that its rule keeps */
export function claimsOf(caller: Caller, env: NodeJS.ProcessEnv): Hello {
  const command = env['SSH_ORIGINAL_COMMAND'] ?? '';
  const tooLong = Buffer.byteLength(command) > commandLimit;
  return {
    t: 'hello',
    v: protocolVersion,
    kind: 'visit',
    uid: caller.uid,
    login: sanitizeLine(caller.login, 64),
    ...loginuidOf('/proc/self/loginuid'),
    pid: process.pid,
    command: tooLong ? '' : command,
    ...(tooLong ? { tooLong: command.length } : {}),
    tty: [0, 1].every((fd) => isatty(fd)),
    ...sizeOf(process.stdout),
    term: sanitizeLine(env['TERM'] ?? '', 64),
    utf8: isUtf8(env),
    ...(plainnessOf(env, command).plain ? { plain: true } : {}),
    address: sanitizeLine(env['SSH_CONNECTION'] ?? '', 128),
    auth: readAuth(env['SSH_USER_AUTH']),
  };
}

/** A UTF-8 locale (setlocale(3)); macOS sends the codeset alone, such as `UTF-8`. */
const utf8Locale = /^(?:\w+\.)?utf-?8(?:@\w+)?$/i;

/**
 * Whether the terminal reads UTF-8, by the first of LC_ALL, LC_CTYPE and LANG that is set and not empty (locale(7)). Without any of
 * them it is taken to, as nearly all terminals do.
 */
export function isUtf8(env: NodeJS.ProcessEnv): boolean {
  const named = ['LC_ALL', 'LC_CTYPE', 'LANG'].map((name) => env[name] ?? '').find((value) => value !== '');
  return named === undefined || utf8Locale.test(named);
}

/** The audit login uid (wire/loginuid.ts); nothing when it is unset or unreadable. */
export function loginuidOf(file: string): Pick<Hello, 'loginuid'> {
  try {
    return readLoginuid(readFileSync(file, 'latin1'));
  } catch {
    return {};
  }
}

/** The content of the file, or '' if it cannot be read: a fingerprint only limits where a sign-in holds, so none refuses (rule 1). */
function readAuth(path: string | undefined): string {
  if (path === undefined || !path.startsWith('/') || path.length > 255) return '';
  let fd: number | undefined;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK | constants.O_NOCTTY);
    if (!fstatSync(fd).isFile()) return '';
    const buffer = Buffer.alloc(authLimit);
    // JSON writes a control byte as six characters, so a file of them would make the message longer than the keeper reads.
    return buffer.toString('latin1', 0, readSync(fd, buffer, 0, authLimit, 0)).replace(/[^\n -~]/g, '');
  } catch {
    return '';
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}
