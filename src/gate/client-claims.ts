// What the gate can say of whoever knocks. All of it is testimony (law 2) but for the uid, which sudo vouches for.
//
// 1. The caller's file is read with the caller's eyes: effective uid lowered, O_NOFOLLOW, size-capped, regular. Attack: a
//    link planted at SSH_USER_AUTH that makes root read somebody's secret.
// 2. What is too long is not sent but told: nothing that a caller sets grows a buffer of ours.
import { constants, closeSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs';
import { isatty } from 'node:tty';
import { sanitizeLine } from '../core/text.ts';
import { commandLimit } from '../wire/grammar.ts';
import { plainnessOf } from '../wire/plain.ts';
import { protocolVersion, type Hello } from '../wire/messages.ts';
import { sizeOf } from '../wire/terminal-size.ts';

export interface Caller {
  readonly uid: number;
  readonly login: string;
}

/** Reads what sudo(8) says of its caller: SUDO_UID and SUDO_USER, set by sudo itself. Undefined when sudo did not start us. */
export function callerOf(env: NodeJS.ProcessEnv): Caller | undefined {
  const uid = Number(env['SUDO_UID']);
  const login = env['SUDO_USER'] ?? '';
  return Number.isSafeInteger(uid) && uid > 0 && login !== '' && login.length <= 64 ? { uid, login } : undefined;
}

const authLimit = 16 * 1024;

/** @param env sudo's, with the three SSH_ variables that our rule keeps, and its locale. */
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

/** A locale's name, or macOS's codeset alone, in UTF-8 (setlocale(3)). */
const utf8Locale = /^(?:\w+\.)?utf-?8(?:@\w+)?$/i;

/**
 * The locale of characters as the C library finds it: the first of these that is set and not empty (locale(7)). None is taken for
 * UTF-8, as every terminal of this century is; a named one is believed.
 */
export function isUtf8(env: NodeJS.ProcessEnv): boolean {
  const named = ['LC_ALL', 'LC_CTYPE', 'LANG'].map((name) => env[name] ?? '').find((value) => value !== '');
  return named === undefined || utf8Locale.test(named);
}

/** pam_loginuid(8) sets it once and no caller can change it; 2^32-1 is unset. */
export function loginuidOf(file: string): Pick<Hello, 'loginuid'> {
  try {
    const id = Number(readFileSync(file, 'latin1'));
    return Number.isSafeInteger(id) && id !== 0xffff_ffff ? { loginuid: id } : {};
  } catch {
    return {};
  }
}

/** Rule 1. What cannot be read is no testimony, and no reason to fail: the fingerprint narrows and never suffices. */
function readAuth(path: string | undefined): string {
  if (path === undefined || !path.startsWith('/') || path.length > 255) return '';
  let fd: number | undefined;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK | constants.O_NOCTTY);
    if (!fstatSync(fd).isFile()) return '';
    const buffer = Buffer.alloc(authLimit);
    // Escaped as JSON a control byte takes six: a file of them would make the whole testimony too long to hear.
    return buffer.toString('latin1', 0, readSync(fd, buffer, 0, authLimit, 0)).replace(/[^\n -~]/g, '');
  } catch {
    return '';
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}
