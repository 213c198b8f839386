// What a person can do in the session, and what remains of it afterwards; shown before anybody decides (docs/design.md, "The end of
// access"). All text and names are our own.
import type { Auditors, SessionPolicy } from '../policy-types.ts';
import type { AccessMode } from '../access-mode.ts';
import { formatDuration } from '../time.ts';
import { onCallSaid } from './approvers.ts';

/** The line on the request's screen. @param account the session account's name. */
export function insideLine(policy: SessionPolicy, account: string, mode: AccessMode): string {
  const seen = [recorded(policy, mode), ...followed(policy)].join(' ');
  if (mode === 'view') return `  You will watch ${account}'s session. Nothing you type reaches it. ${seen}`;
  const said = [stays(policy), ...keys(policy), seen].join(' ');
  return `  You will be ${account}, ${rights(policy)}. ${said}`;
}

/**
 * The lines before "go": who may follow, whether the person's keys pass, when idle time ends the connection, and how a viewer leaves. Who
 * comes back to an open access sees these alone.
 */
export function keysLines(policy: SessionPolicy, host: string, mode: AccessMode): readonly string[] {
  const seen = followed(policy).map((text) => `  ${text}`);
  if (mode === 'view')
    return [...seen, '  View only: nothing you type reaches the session. Press q, Ctrl-C or Ctrl-D to leave.'];
  return [
    ...seen,
    ...(policy.moderated
      ? [
          '  You can type only while an approver watches. Until then your keys are dropped.',
          `  Send this to an approver:  ssh -t ${host} ${policy.name} --view`,
        ]
      : []),
    ...idleness(policy).map((text) => `  ${text}`),
    ...(policy.record === 'output' ? [] : typedLines),
  ];
}

const typedLines = [
  '  Recorded: your screen, and what you type, except with echo off or at a password prompt.',
  '  Behind another ssh or in a container, only known prompts count, such as "Password:".',
];

function rights({ privileges }: SessionPolicy): string {
  return privileges === 'none' ? 'without sudo' : 'with the sudo rules of that account';
}

function stays({ kind, atExpiry }: SessionPolicy): string {
  if (kind === 'dedicated') return 'The session and its home are yours alone. Both are removed when your access ends.';
  return atExpiry === 'kill'
    ? 'Everything you start is killed when the last access to the session ends.'
    : 'The session keeps running after your access ends.';
}

function keys(policy: SessionPolicy): readonly string[] {
  return [...(policy.moderated ? ['You can type only while an approver watches.'] : []), ...idleness(policy)];
}

function idleness({ idle }: SessionPolicy): readonly string[] {
  return idle === undefined ? [] : [`You are disconnected after ${formatDuration(idle.endMs)} without a keystroke.`];
}

/** Whoever is followed knows it before; they are not told when (docs/sessions.md). */
function followed({ auditors }: SessionPolicy): readonly string[] {
  return auditors === undefined ? [] : [`Auditors may follow your screen live: ${auditorsSaid(auditors)}.`];
}

function auditorsSaid({ groups, onCall = [] }: Auditors): string {
  return [...groups, ...(onCall.length === 0 ? [] : [onCallSaid(onCall)])].join(', ');
}

function recorded({ record }: SessionPolicy, mode: AccessMode): string {
  return record === 'output' || mode === 'view'
    ? 'Your screen is recorded.'
    : 'Your screen and what you type are recorded.';
}
