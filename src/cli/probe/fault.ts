// Reasons why the probe could not try anything. The exit codes are those of sysexits.h.
import type { NoLine, Where } from '../../adapters/ssh/line.ts';
import { sanitizeLine } from '../../core/text.ts';

/** A code for programs, a sentence and a hint for people, and an exit code. */
export interface Fault {
  readonly code: string;
  readonly exit: number;
  readonly say: string;
  readonly hint: string;
}

/** Thrown when nothing can be tried. */
export class Unprobed extends Error {
  override readonly name = 'Unprobed';
  readonly fault: Fault;

  constructor(fault: Fault) {
    super(fault.code);
    this.fault = fault;
  }
}

const exits = { usage: 64, noInput: 66, unavailable: 69, protocol: 76, noPermission: 77 } as const;

export const faults = {
  badHost: (text: string): Fault => ({
    code: 'BAD_HOST',
    exit: exits.usage,
    say: `"${sanitizeLine(text, 80)}" is not a host name.`,
    hint: 'use: tmux-gate probe [LOGIN@]HOST --port 22',
  }),
  noKey: (path: string | undefined): Fault => ({
    code: 'NO_KEY',
    exit: exits.noInput,
    say:
      path === undefined
        ? 'No private key was found to log in with.'
        : `${sanitizeLine(path, 200)} is not a private key that can be read.`,
    hint: 'name the key of a gated login: --key ~/.ssh/id_ed25519, or start an ssh-agent that holds it',
  }),
  locked: (path: string): Fault => ({
    code: 'KEY_LOCKED',
    exit: exits.noInput,
    say: `${sanitizeLine(path, 200)} needs its passphrase.`,
    hint: 'run this on a terminal, or ssh-add the key to an agent first',
  }),
  noSuchAttempt: (id: string, all: readonly { readonly id: string }[]): Fault => ({
    code: 'NO_SUCH_ATTEMPT',
    exit: exits.usage,
    say: `"${sanitizeLine(id, 40)}" is not the id of an attempt.`,
    hint: `one or more of: ${all.map((one) => one.id).join(', ')}`,
  }),
  noKnownHosts: (path: string): Fault => ({
    code: 'NO_KNOWN_HOSTS',
    exit: exits.noInput,
    say: `${sanitizeLine(path, 200)} cannot be read.`,
    hint: 'connect once with ssh and compare the fingerprint, or name it: --host-key SHA256:...',
  }),
  noKeygen: (path: string): Fault => ({
    code: 'NO_SSH_KEYGEN',
    exit: exits.unavailable,
    say: `${sanitizeLine(path, 200)} cannot be looked up: ssh-keygen is not installed here.`,
    hint: 'install the OpenSSH client, or name the fingerprint: --host-key SHA256:...',
  }),
} as const;

/** The fault for an ssh connection that could not be made. */
export function faultOf({ fault, hostKey, message }: NoLine, { host, port, login }: Where): Fault {
  const place = `${sanitizeLine(host, 80)}:${port}`;
  switch (fault) {
    case 'unreachable':
      return {
        code: 'UNREACHABLE',
        exit: exits.unavailable,
        say: `${place} does not answer: ${sanitizeLine(message, 120)}.`,
        hint: 'is sshd running, and is this its port?',
      };
    case 'host-key':
      return {
        code: 'HOST_KEY',
        exit: exits.protocol,
        say: `${place} has a host key that is not known here: ${hostKey ?? ''}`,
        hint: 'ask an admin of the host for its fingerprint, then: --host-key SHA256:...',
      };
    case 'proof':
      return {
        code: 'AUTH_FAILED',
        exit: exits.noPermission,
        say: `${place} does not accept this key for ${sanitizeLine(login, 64)}.`,
        hint: 'name a gated login and its key: --login alice --key FILE',
      };
    case 'protocol':
      return {
        code: 'NOT_SSH',
        exit: exits.protocol,
        say: `${place} and this program have no common protocol: ${sanitizeLine(message, 120)}.`,
        hint: 'is this the port of an sshd?',
      };
  }
}
