// The tmux servers of a sandbox, as root on the host sees them: what the keeper wrote down, and the temporary homes.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import type { Layout } from '../../scripts/sandbox/layout.ts';

export interface ServerFacts {
  readonly name: string;
  readonly id: string;
  readonly pid: number;
  readonly owner?: { readonly login: string };
  /** Since when it runs on without a grant: instant, milliseconds. */
  readonly kept?: number;
}

/** The oldest first. */
export function servers({ run }: Layout): readonly ServerFacts[] {
  const names = readdirSync(`${run}/s`).filter((name) => name.endsWith('.json'));
  return names.flatMap((name) => factsOf(`${run}/s/${name}`)).sort((a, b) => a.since - b.since);
}

/** None where the server ended since the folder was listed. */
function factsOf(path: string): readonly (ServerFacts & { since: number })[] {
  try {
    return [JSON.parse(readFileSync(path, 'utf8')) as ServerFacts & { since: number }];
  } catch {
    return [];
  }
}

export function homesFolder({ root }: Layout): string {
  return `${root}/var/lib/tmux-gate/homes`;
}

/** The temporary homes that are there. */
export function homes(layout: Layout): readonly string[] {
  const folder = homesFolder(layout);
  return existsSync(folder) ? readdirSync(folder) : [];
}
