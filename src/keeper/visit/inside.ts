// What a person will be inside, and what stays of it: said before anybody decides (design section 6). Our own words and names.
import type { SessionPolicy } from '../../core/policy-types.ts';

/** @param account the session account's name. */
export function insideLine(policy: SessionPolicy, account: string): string {
  return `  Inside, you are ${account} ${rights(policy)}; ${stays(policy)}; ${recorded(policy)}.`;
}

function rights({ privileges }: SessionPolicy): string {
  return privileges === 'none' ? 'without sudo' : 'with the sudo rules of that account';
}

function stays({ kind, atExpiry }: SessionPolicy): string {
  if (kind === 'dedicated') return 'the session and its home are yours alone and end with your grant';
  return atExpiry === 'kill' ? 'what runs in the session ends with its last grant' : 'the session goes on after you';
}

function recorded({ record }: SessionPolicy): string {
  return record === 'output' ? 'the screen is recorded' : 'the screen and what you type are recorded';
}
