// What a person can do in the session, and what remains of it afterwards; shown before anybody decides (docs/design.md, "The end of
// access"). All text and names are our own.
import type { SessionPolicy } from '../policy-types.ts';
import type { AccessMode } from '../access-mode.ts';
import { formatDuration } from '../time.ts';

/** The line on the request's screen. @param account the session account's name. */
export function insideLine(policy: SessionPolicy, account: string, mode: AccessMode): string {
  if (mode === 'view')
    return `  You look on in ${account}'s session, and nothing you type reaches it; ${recorded(policy, mode)}.`;
  const said = [rights(policy), stays(policy), ...keys(policy), recorded(policy, mode)].join('; ');
  return `  Inside, you are ${account} ${said}.`;
}

/** The lines before "go" about the person's keys: whether they pass, when idle time ends the connection, and how a viewer leaves. */
export function keysLines(policy: SessionPolicy, host: string, mode: AccessMode): readonly string[] {
  if (mode === 'view') return ['  You look on: nothing you type reaches the session; q, Ctrl-C or Ctrl-D leaves.'];
  return [
    ...(policy.moderated
      ? [
          '  What you type passes only while an approver looks on, and is dropped until then.',
          `  Forward   ssh -t ${host} ${policy.name} --view`,
        ]
      : []),
    ...idleness(policy).map((text) => `  ${text.replace(/^./, (first) => first.toUpperCase())}.`),
  ];
}

function rights({ privileges }: SessionPolicy): string {
  return privileges === 'none' ? 'without sudo' : 'with the sudo rules of that account';
}

function stays({ kind, atExpiry }: SessionPolicy): string {
  if (kind === 'dedicated') return 'the session and its home are yours alone and end with your grant';
  return atExpiry === 'kill' ? 'what runs in the session ends with its last grant' : 'the session goes on after you';
}

function keys(policy: SessionPolicy): readonly string[] {
  return [...(policy.moderated ? ['what you type passes only while an approver looks on'] : []), ...idleness(policy)];
}

function idleness({ idle }: SessionPolicy): readonly string[] {
  return idle === undefined ? [] : [`${formatDuration(idle.endMs)} without a key cut the line`];
}

function recorded({ record }: SessionPolicy, mode: AccessMode): string {
  return record === 'output' || mode === 'view'
    ? 'the screen is recorded'
    : 'the screen and what you type are recorded';
}
