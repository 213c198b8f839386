// tmux-gate-keeper(8): the daemon of a host.
import { readFileSync } from 'node:fs';
import { layoutAt, type Layout } from '../../../src/wire/layout.ts';
import { below, bold, escape, example, paragraph, pathTag, section, tagged, usage, type Page } from './roff.ts';

const layout = layoutAt('');

const description: readonly string[] = [
  ...paragraph(
    'The keeper is the daemon of tmux-gate, one on each host, run by root.',
    'It identifies people, decides by the policy, takes requests and reviews, makes grants, lets connections in, and ends them.',
    'It starts the tmux servers of the sessions, each in a cgroup of its own, as the account of the session.',
    'It writes the journal before anything takes effect.',
  ),
  ...paragraph(
    'It reads the policy, tmux-gate.yaml(5), when it starts, and at no other time.',
    'After a change: `tmux-gate policy check && systemctl restart tmux-gate`.',
  ),
  ...paragraph(
    'A stop or a restart disconnects nobody. Each connection goes on to its end, which its gate keeps by itself.',
    'While no keeper runs nothing new opens, nothing can be revoked, and input of moderated sessions is held.',
    'When it starts again it takes over the connections and sessions that are still allowed, and ends all others, before it answers anybody.',
  ),
  ...paragraph(
    'While Redis does not respond, nothing new opens but break-glass, and live connections go on to their ends.',
    'A journal that is not as it was left (JOURNAL_CHANGED) lets nothing new open until root has typed `tmux-gate audit accept` and restarted the keeper.',
  ),
];

const signals: readonly string[] = [
  ...tagged(
    `${bold('SIGTERM')}, ${bold('SIGINT')}`,
    'Stops: closes the sockets and the embedded Redis, and leaves connections and sessions alone.',
    'A stop that takes longer than 30 seconds ends the process, with exit code 70.',
  ),
  ...tagged(
    bold('SIGHUP'),
    'Reloads nothing: it ends the keeper at once, and systemd starts it again. Restart the service instead.',
  ),
];

/** What the unit sets, and why; the values are read from it. */
const directives: Readonly<Record<string, string>> = {
  Restart: 'Whatever ends the keeper, it is started again after a second.',
  RestartPreventExitStatus: 'A policy in error is not tried again. Correct it, then start the service.',
  Type: 'It is started when its sockets are open. A start that takes long says so, and is waited for.',
  WatchdogSec: 'A keeper whose event loop is stuck for so long is restarted.',
  KillMode: 'Stop and restart end the keeper alone; sessions and connections go on.',
  Delegate: 'The keeper makes the cgroups of sessions and connections below that of the unit.',
  OOMPolicy: 'A session that runs out of memory ends neither the keeper nor another session.',
  CapabilityBoundingSet:
    'What root may do here, and the most that `sudo` may do inside a session with `privileges: account`. A rule that needs more needs a drop-in: `systemctl edit tmux-gate`.',
};

function valueOf(directive: string): string {
  const unit = readFileSync(new URL('../../../deploy/tmux-gate.service', import.meta.url), 'utf8');
  const [, value] = new RegExp(`^${directive}=(.*)$`, 'm').exec(unit) ?? [];
  if (value === undefined) throw new Error(`deploy/tmux-gate.service has no ${directive}`);
  return value;
}

const systemd: readonly string[] = [
  ...paragraph('The unit is `tmux-gate.service`. It sets, among others:'),
  ...Object.entries(directives).flatMap(([directive, why]) =>
    directive === 'CapabilityBoundingSet'
      ? tagged(bold(directive), why)
      : tagged(`${bold(directive)}${escape(`=${valueOf(directive)}`)}`, why),
  ),
  ...paragraph(
    'There is no ProtectSystem, PrivateTmp or the like in it: the tmux servers are children of the keeper, so such a setting would change what people find inside their sessions.',
  ),
  ...paragraph(
    'The keeper logs to journald, a line of JSON for each entry: `journalctl -u tmux-gate`. Each field is searchable by its name: `journalctl TMUX_GATE_EVENT=provider-down`. Without journald it logs to standard error.',
  ),
];

/** Every path of src/wire/layout.ts but the prefix. */
const files: Readonly<Record<Exclude<keyof Layout, 'root'>, string>> = {
  config: 'The policy. Root alone writes it, and the folders above it.',
  sshdConfig: 'What `tmux-gate status` asks sshd about; tmux-gate does not write it.',
  tmuxConf: 'What every session starts with. It is no boundary: people can change all of it inside.',
  programs: 'The programs. `keeper` is this one, `gate` is started by sshd through sudo.',
  run: 'What is empty after a boot.',
  keeperSocket: 'Where gates and `tmux-gate` on the host ask. Without it: KEEPER_DOWN.',
  rejoinSocket: 'Where gates come back after a restart of the keeper.',
  sessions: 'The running sessions: a state file and the socket of tmux for each.',
  connections: 'The live connections: a state file for each.',
  grants: 'The live grants, for a keeper that starts while Redis is away.',
  redisRun: 'The socket of the embedded Redis.',
  state: 'What stays. Back it up as a whole.',
  stateFormat: 'The number of the format of what is here. A version that knows only earlier ones does not start.',
  askedHere: 'Who asked here for sessions of other hosts, until their access there has ended.',
  keys: 'The keys of this host. `host.pub.jwk` is what other hosts of a fleet need (`peers`).',
  journal: 'The journal, `journal.jsonl`, and its lock.',
  journalAnchor: 'Where the journal was when it was last written.',
  journalAccepted: 'What root accepted with `tmux-gate audit accept`.',
  witnesses: "How far the witnesses of this host's journal have come.",
  witnessed: 'What this host has cosigned of the journals of its peers.',
  recordings: 'Recordings, a folder for each day.',
  unsealed: 'What is known of each recording that is live, or is not sealed yet.',
  searchIndex: 'What `tmux-gate find` searches: made from the recordings, and made anew when it is missing.',
  holds: 'Which recordings are held.',
  outbox: 'Records that are owed to the journal.',
  homes: 'Temporary homes of dedicated sessions.',
  redisData: 'The data of the embedded Redis.',
  tombstones: 'Ids that are over: revoked grants, answered requests.',
  pins: 'Which person each login belongs to. `tmux-gate unpin` removes one.',
  refresh: 'What the provider is asked with whether a person may still sign in. Secret.',
  locks: 'Locked logins.',
  breakGlass: 'Break-glass codes, as digests, and their uses.',
  directory: 'Who has signed in here lately.',
};

const fileEntries: readonly string[] = Object.entries(files).flatMap(([key, what]) =>
  tagged(pathTag(layout[key as keyof typeof files]), what),
);

const environment: readonly string[] = [
  ...tagged(
    `${bold('HTTPS_PROXY')}, ${bold('HTTP_PROXY')}, ${bold('NO_PROXY')}`,
    'The proxy to the provider and to receivers of notices, and the hosts that are reached without it.',
    'Set them in a drop-in: `systemctl edit tmux-gate`, `[Service]`, `Environment=HTTPS_PROXY=http://proxy.example.com:3128`.',
  ),
  ...paragraph(
    'No variable and no argument names another policy or another folder. The CAs are those that the host trusts.',
  ),
];

const examples: readonly string[] = [
  ...paragraph('Start it now and at each boot, once the policy is in order:'),
  ...example('tmux-gate policy check && systemctl enable --now tmux-gate', 'tmux-gate doctor'),
  ...paragraph('Does it respond, and what does it say of Redis, provider, cgroups and journal?'),
  ...example('tmux-gate status'),
  ...paragraph('Why did it not start?'),
  ...example('systemctl status tmux-gate', 'journalctl -u tmux-gate -n 50', 'tmux-gate policy check'),
];

export const keeperPage: Omit<Page, 'version'> = {
  name: 'tmux-gate-keeper',
  section: 8,
  about: 'the daemon of tmux-gate, which decides, grants and ends access',
  body: [
    section('SYNOPSIS'),
    [
      `${bold('systemctl')} ${usage('start|stop|restart|status tmux-gate')}`,
      '.br',
      pathTag(`${layout.programs}/keeper`),
    ],
    ...[section('DESCRIPTION'), description],
    section('OPTIONS'),
    paragraph('None: it takes no argument.'),
    ...[section('SIGNALS'), signals, section('SYSTEMD'), systemd],
    section('EXIT STATUS'),
    tagged(escape('0'), 'It was stopped.'),
    tagged(
      escape('70'),
      'It could not start, or a stop took too long. The log has the cause. systemd starts it again.',
    ),
    tagged(
      escape('78'),
      'The policy cannot be read or is in error: each problem is in the log, with its key. Or the state is that of a later version.',
    ),
    below('systemd does not start it again.'),
    ...[section('FILES'), fileEntries, section('ENVIRONMENT'), environment, section('EXAMPLES'), examples],
    section('SEE ALSO'),
    paragraph('tmux-gate(8), tmux-gate.yaml(5), systemctl(1), systemd.service(5), journalctl(1), cgroups(7), tmux(1)'),
  ],
};
