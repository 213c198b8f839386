// How a command is typed: over ssh it begins with `ssh HOST`, for root on the host with `tmux-gate`.
import { tellAnAdmin } from '../core/messages/commands.ts';
import { isVerb, specOf, type VerbName } from './verbs.ts';

/** Who reads a message: about which host, and whether as root on that host (`local`). */
export interface Reader {
  readonly host: string;
  readonly local: boolean;
}

/** What is typed before a verb. Attaching is always over ssh, and a verb for root alone is always typed on the host. */
export function before(verb: VerbName, { host, local }: Reader): string {
  const onHost = specOf(verb).local === true || (local && verb !== 'attach');
  return onHost ? 'tmux-gate' : `ssh ${host}`;
}

/**
 * Rewrites a sentence of ours, which is for somebody who comes over ssh, for a reader on the host: commands as they are typed there, and what
 * an admin should be told without saying so, since they are the admin.
 */
export function toType(words: string, reader: Reader): string {
  if (!reader.local) return words;
  return words
    .replace(tellAnAdmin(reader.host), '')
    .replace(/\bssh (?:-t )?(\S+) ([a-z-]+)/g, (typed, host: string, verb: string) =>
      host === reader.host && isVerb(verb) ? `${before(verb, reader)} ${verb}` : typed,
    );
}
