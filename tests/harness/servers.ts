// The tmux servers of a sandbox, as root on the host sees them: the keeper's state files, and the temporary homes.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import type { Layout } from '../../scripts/sandbox/layout.ts';

export interface ServerFacts {
  readonly name: string;
  readonly id: string;
  readonly pid: number;
  readonly owner?: { readonly login: string };
  /** Since when it has run without a grant: instant, ms. */
  readonly kept?: number;
}

/** The running servers, oldest first. */
export function servers({ run }: Layout): readonly ServerFacts[] {
  const names = readdirSync(`${run}/s`).filter((name) => name.endsWith('.json'));
  return names.flatMap((name) => factsOf(`${run}/s/${name}`)).sort((a, b) => a.since - b.since);
}

/** The server of a state file; none if it ended since the folder was listed. */
function factsOf(path: string): readonly (ServerFacts & { since: number })[] {
  try {
    return [JSON.parse(readFileSync(path, 'utf8')) as ServerFacts & { since: number }];
  } catch {
    return [];
  }
}

/** The folder of the temporary homes. */
export function homesFolder({ root }: Layout): string {
  return `${root}/var/lib/tmux-gate/homes`;
}

/** The names of the temporary homes that exist. */
export function homes(layout: Layout): readonly string[] {
  const folder = homesFolder(layout);
  return existsSync(folder) ? readdirSync(folder) : [];
}
