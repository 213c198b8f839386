// What every part of the story on a booted host is given, and how it says what it saw.
import type { BootedHost } from './booted-host.ts';
import type { People } from './people.ts';

export interface Act {
  readonly host: BootedHost;
  readonly people: People;
  readonly issuer: string;
  /** Paths of packages on this machine: the one to install, and a later one. */
  readonly deb: string;
  readonly laterDeb: string;
}

export const tell = (text: string): void => void process.stderr.write(`${text}\n`);

/** @throws Error when it is not so */
export function expect(what: string, holds: boolean, seen: unknown): void {
  if (!holds) throw new Error(`NOT SO: ${what}: ${typeof seen === 'string' ? seen : JSON.stringify(seen)}`);
}

/** The keeper answers and says that all is well. */
export const answers = 'tmux-gate status';
/** No process of the session account is left. */
export const nobodyLeft = '! pgrep -u dba';
