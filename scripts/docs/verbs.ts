// The text of docs/verbs.md: syntax, summaries, flags from src/wire/verbs.ts; who may use a verb, and where, from src/keeper/dispatch.ts.
import { handlers, type VerbRow } from '../../src/keeper/dispatch.ts';
import {
  hostCommands,
  hostCommandNames,
  specOf,
  verbNames,
  type HostCommandName,
  type Flag,
  type VerbName,
} from '../../src/wire/verbs.ts';
import { table } from './document.ts';

export const flagMeanings: Readonly<Record<Flag, string>> = {
  for: 'a time such as `45s`, `20m` or `1h`: how long to ask for; in a review the most that is granted; in `keys rotate` how long the old key still counts',
  reason: 'why. It comes last and takes the rest of the line as it is; no quotes are needed',
  json: 'the same rows for programs: instants in ISO 8601 (UTC), durations in whole seconds',
  since: 'records since then, in UTC: `90m`, `7d`, `yesterday`, `2026-11-28`',
  login: 'of this login alone',
  session: 'of this session alone',
  approver: 'reviewed by this login alone',
  csv: 'for spreadsheets',
  all: 'everyone (`lock`, `unlock`) or every code (`break-glass void`)',
  view: 'to look on: no key is passed',
  force: 'lock a login that this host does not know',
  period:
    'a quarter, a month or days, in UTC: `2026-Q3`, `2026-07`, `2026-07-01..2026-09-30` (the last day is part of it)',
  'looked-at': 'the SHA-256 that the listing ends with: signs off that listing and no other',
  follow: 'a connection as it goes on',
  prepare: 'make the next key, so that peers get it before it signs',
  leaked: 'the old key ends at once, and with it whatever it signed',
  fleet: 'on every host of the fleet, not on this one alone',
};

export const deskAccess: Readonly<Record<HostCommandName, { readonly who: string; readonly more: string }>> = {
  audit: { who: 'root', more: '[on-call.md](on-call.md#reading-the-journal)' },
  evidence: { who: 'root', more: '[evidence.md](evidence.md)' },
  find: { who: 'root', more: '[recordings.md](recordings.md#find)' },
  recordings: { who: 'root', more: '[recordings.md](recordings.md)' },
  replay: { who: 'root; the journal names who reads', more: '[recordings.md](recordings.md)' },
  export: { who: 'root; the journal names who reads', more: '[recordings.md](recordings.md#other-programs)' },
  init: { who: 'root', more: '[install.md](install.md#set-up)' },
  login: { who: 'root', more: '[logins.md](logins.md#local-accounts)' },
  session: { who: 'root', more: '[logins.md](logins.md#session-accounts)' },
  peers: { who: 'root', more: '[policy.md](policy.md#redis-and-a-fleet)' },
  backup: { who: 'root', more: '[operations.md](operations.md#backup-and-restore)' },
  restore: { who: 'root', more: '[operations.md](operations.md#backup-and-restore)' },
  policy: { who: 'whoever may read the policy', more: '[policy.md](policy.md#in-ten-lines)' },
  doctor: { who: 'root; others see less', more: '[doctor.md](doctor.md)' },
  probe: { who: 'everybody with the key of a gated login', more: '[probe.md](probe.md)' },
  version: { who: 'everybody', more: '' },
};

const head = `<!-- Made by scripts/verbs-doc.ts from src/wire/verbs.ts and src/keeper/dispatch.ts. Change it there. -->

# Verbs

What can be typed behind \`ssh prod-box\`, and on the host as \`tmux-gate VERB\`. \`ssh prod-box help\` and \`tmux-gate help\` list the same, \`help VERB\`
shows one.

- \`ssh -t prod-box\` alone attaches: to the one session that is open to you, or to one that you choose. \`ssh -t prod-box prod-db\` is short
  for \`ssh -t prod-box attach prod-db\`.
- \`-t\` gives the connection a terminal. Where it is not shown, none is needed. With one, a sign-in shows a QR code as well.
- \`--plain\`, before a reason, works with every verb: no colours, no moving lines, no QR code.
- A person signs in when a sign-in is needed and none is remembered. "A new sign-in" is needed each time, whatever is remembered.
- On the host a verb takes the same words and flags. \`-\` means that it does nothing there.
- Approvers are the groups of \`approvers\` in the policy, and whoever is on call by it.
- A locked login gets \`help\` and nothing else. A lock of everyone stops \`attach\`, \`approve\`, \`extend\` and \`break-glass\`.
- What is refused, and with which exit code: [refusals.md](refusals.md).

`;

const code = (text: string): string => (text === '' ? '' : `\`${text.trim()}\``);

function verbRow(verb: VerbName): readonly string[] {
  const { usage, summary, local, flags } = specOf(verb);
  const { who, terminal, onHost }: VerbRow = handlers[verb];
  const overSsh = local === true ? '-' : code(`ssh ${terminal === true ? '-t ' : ''}prod-box ${verb} ${usage}`);
  const here = onHost === '-' ? '-' : `${code(`tmux-gate ${verb}`)}, ${onHost ?? 'by root'}`;
  return [`\`${verb}\``, summary, overSsh, here, who, flags.map((flag) => code(`--${flag}`)).join(' ')];
}

export function usersOf(flag: Flag): string {
  return verbNames
    .filter((verb) => specOf(verb).flags.includes(flag))
    .map((verb) => code(verb))
    .join(', ');
}

export function verbsDocument(): string {
  const flags = Object.entries(flagMeanings).map(([flag, meaning]) => [
    code(`--${flag}`),
    meaning,
    usersOf(flag as Flag),
  ]);
  const desk = hostCommandNames.map((name) => {
    const { usage, summary } = hostCommands[name];
    const { who, more } = deskAccess[name];
    return [code(`tmux-gate ${name} ${usage}`), summary, who, more];
  });
  return [
    head,
    table(['verb', 'what it does', 'over ssh', 'on the host', 'who may', 'flags'], verbNames.map(verbRow)),
    '\n## Flags\n\n',
    table(['flag', 'what it says', 'verbs'], flags),
    '\n## On the host alone\n\nThese are no verbs: they need no keeper. `tmux-gate COMMAND --help` lists the options of each.\n\n',
    table(['command', 'what it does', 'who may', 'more'], desk),
  ].join('');
}
