// What somebody is told to type: over ssh it begins with `ssh HOST`, for root on the host with `tmux-gate`.
import { isVerb, specOf, type VerbName } from './verbs.ts';

/** Where somebody reads: of which host, and whether on it, as root. */
export interface Reader {
  readonly host: string;
  readonly local: boolean;
}

/** What stands before a verb. Attaching is for others, and what is root's alone is typed on the host, whoever reads of it. */
export function before(verb: VerbName, { host, local }: Reader): string {
  const onHost = specOf(verb).local === true || (local && verb !== 'attach');
  return onHost ? 'tmux-gate' : `ssh ${host}`;
}

/** Words of ours that name commands as they are typed over ssh, for whoever reads them. */
export function toType(words: string, reader: Reader): string {
  if (!reader.local) return words;
  return words.replace(/\bssh (?:-t )?(\S+) ([a-z-]+)/g, (typed, host: string, verb: string) =>
    host === reader.host && isVerb(verb) ? `${before(verb, reader)} ${verb}` : typed,
  );
}
