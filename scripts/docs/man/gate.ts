// tmux-gate(8): what is typed over ssh, and the command of the host.
import { layoutAt } from '../../../src/wire/layout.ts';
import { deskEntries, deskOptionEntries, flagEntries, refusalEntries, verbEntries } from './commands.ts';
import { exitStatus } from './exits.ts';
import { bold, example, paragraph, pathTag, section, subsection, tagged, usage, type Page } from './roff.ts';

const layout = layoutAt('');

const line = (command: string, words: string): readonly string[] => [`${bold(command)} ${usage(words)}`, '.br'];

const synopsis: readonly string[] = [
  ...line('ssh -t', 'HOST [SESSION [--view] [--for TIME] [--reason TEXT]]'),
  ...line('ssh', '[-t] HOST VERB [WORD ...] [OPTION ...]'),
  ...line('tmux-gate', 'VERB [WORD ...] [OPTION ...]'),
  ...line('tmux-gate', 'audit show|verify|accept|witnessed [HOST] [OPTION ...]'),
  ...line('tmux-gate', 'policy check [OPTION ...]'),
  ...line('tmux-gate', 'doctor|version [OPTION ...]'),
  `${bold('tmux-gate')} ${usage('probe [[LOGIN@]HOST] [OPTION ...]')}`,
];

const description: readonly string[] = [
  ...paragraph(
    'tmux-gate lets engineers into shared tmux sessions over plain ssh, for as long as somebody approved and no longer.',
    'An engineer types `ssh -t HOST SESSION`, signs in at the OpenID provider and gives a reason.',
    'A second person approves with a sign-in of their own.',
    'At the end the connection is closed, what was left running is killed, and a recording and a signed journal stay.',
  ),
  ...paragraph(
    'Engineers and approvers type verbs over ssh, with a login in the group `tmux-gate`: sshd runs nothing else for them.',
    'Root types the same verbs on the host, as `tmux-gate VERB`. Verbs are answered by the keeper, tmux-gate-keeper(8).',
    'Root has a few more commands on the host, which need no keeper.',
    'What anybody may do is written in the policy, tmux-gate.yaml(5).',
  ),
  ...paragraph(
    'A person signs in when a sign-in is needed and none is remembered: open the link, compare the code, sign in.',
    'Whoever reviews a request signs in anew each time. Nobody reviews their own request.',
  ),
];

const commands: readonly string[] = [
  ...subsection('Verbs'),
  ...paragraph(
    'Over ssh, `ssh HOST` stands before a verb; on the host, `tmux-gate`.',
    '`ssh -t HOST` alone attaches to the one session that is open to you, or lets you choose.',
    '`ssh -t HOST SESSION` is short for `ssh -t HOST attach SESSION`.',
    'An approver is whoever is in `approvers` of the session, by group or by being on call.',
    'A locked login gets `help` and nothing else.',
  ),
  ...verbEntries,
  ...subsection('On the host alone'),
  ...deskEntries,
];

const options: readonly string[] = [
  ...subsection('Of verbs'),
  ...flagEntries,
  ...paragraph('The options below are those of the commands on the host.'),
  ...deskOptionEntries,
];

const files: readonly (readonly [path: string, what: string])[] = [
  [layout.config, 'The policy; see tmux-gate.yaml(5).'],
  ['/etc/ssh/tmux-gate-keys/LOGIN', 'The public keys of a gated login. Root alone writes them.'],
  ['/etc/ssh/sshd_config.d/tmux-gate.conf', 'What makes sshd run the gate for the group `tmux-gate`.'],
  ['/etc/sudoers.d/tmux-gate', 'What lets a gated login start the gate as root, without an argument.'],
  [`${layout.recordings}/DAY/ID.cast`, 'The recording of a live connection (asciicast v2).'],
  [`${layout.recordings}/DAY/ID.cast.zst`, 'After its end: compressed (zstd).'],
  [`${layout.recordings}/DAY/ID.cast.zst.age`, 'Or also encrypted (age), where `recordings.encrypt_to` says so.'],
  [`${layout.journal}/journal.jsonl`, 'The journal; read it with `tmux-gate audit show`.'],
];

const environment: readonly string[] = [
  ...tagged(bold('TMUX_GATE_PLAIN'), 'When it is not empty: as with `--plain`. Over ssh, send it with `SendEnv`.'),
  ...tagged(bold('NO_COLOR'), 'When it is not empty: no colours.'),
  ...tagged(bold('TERM'), '`dumb` is as `--plain`. A session needs one that the host knows.'),
  ...tagged(`${bold('LANG')}, ${bold('LC_ALL')}, ${bold('LC_CTYPE')}`, 'Whether the terminal shows UTF-8.'),
  ...paragraph(
    'sshd hands on these and no other variable of the person.',
    'No variable changes what is allowed, or which files are used.',
  ),
];

const examples: readonly string[] = [
  ...paragraph('An engineer asks for 20 minutes and waits:'),
  ...example('ssh -t prod-box prod-db --for 20m --reason INC-4711 replica lag'),
  ...paragraph('On call: look, approve, and take it away again:'),
  ...example(
    'ssh prod-box requests',
    'ssh prod-box approve K7QF2M --for 20m',
    'ssh prod-box connections',
    'ssh prod-box revoke K7QF2M --reason wrong host',
  ),
  ...paragraph('The same, live on one screen:'),
  ...example('ssh -t prod-box watch'),
  ...paragraph('Keep a login out of every host, at once:'),
  ...example('ssh prod-box lock alice --reason laptop stolen'),
  ...paragraph('Root, after a change of the policy:'),
  ...example('tmux-gate policy check && systemctl restart tmux-gate', 'tmux-gate doctor'),
  ...paragraph('What happened since yesterday, and whether anybody changed the journal:'),
  ...example('tmux-gate audit show --since yesterday', 'tmux-gate audit verify'),
];

export const gatePage: Omit<Page, 'version'> = {
  name: 'tmux-gate',
  section: 8,
  about: 'timed, approved, recorded access to shared tmux sessions over plain ssh',
  body: [
    ...[section('SYNOPSIS'), synopsis, section('DESCRIPTION'), description],
    ...[section('COMMANDS'), commands, section('OPTIONS'), options],
    section('EXIT STATUS'),
    paragraph(
      'The exit code is that of `ssh`, and of `tmux-gate` on the host. From 64 on they are those of sysexits(3).',
    ),
    exitStatus,
    section('FILES'),
    files.flatMap(([path, what]) => tagged(pathTag(path), what)),
    ...[section('ENVIRONMENT'), environment, section('EXAMPLES'), examples],
    section('DIAGNOSTICS'),
    paragraph(
      'A refusal is a sentence, its code in brackets, and a hint that says what to do.',
      'Each code, with its exit code in brackets, and what it means for an admin:',
    ),
    refusalEntries,
    section('SEE ALSO'),
    paragraph(
      'tmux-gate-keeper(8), tmux-gate.yaml(5), ssh(1), tmux(1), sshd_config(5), sudoers(5), systemctl(1), journalctl(1)',
    ),
    paragraph('The documents named above (docs/...) are part of the source of tmux-gate.'),
  ],
};
