// Which file of a host gets which bytes.
import type { Answers, LoginAnswer } from './answers.ts';
import { withLines } from './lines.ts';
import { dropInWith } from './sshd-drop-in.ts';

/** The files that setup writes, by what they are for. */
export const places = {
  config: '/etc/tmux-gate/config.yaml',
  tmuxConf: '/etc/tmux-gate/tmux.conf',
  secret: '/etc/tmux-gate/oidc.secret',
  approvalSecret: '/etc/tmux-gate/approve.secret',
  sudoRule: '/etc/sudoers.d/tmux-gate',
  dropIn: '/etc/ssh/sshd_config.d/tmux-gate.conf',
  sshdConfig: '/etc/ssh/sshd_config',
  loginKeys: '/etc/ssh/tmux-gate-keys',
  peers: '/etc/tmux-gate/peers',
  inventory: '/etc/tmux-gate/peers/inventory.json',
  inventorySigners: '/etc/tmux-gate/inventory-signers',
  cronDeny: '/etc/cron.deny',
  atDeny: '/etc/at.deny',
  cronAllow: '/etc/cron.allow',
  atAllow: '/etc/at.allow',
} as const;

/** The group of the gated logins, and the unit of the keeper: names of the package. */
export const gatedGroup = 'tmux-gate';
export const keeperUnit = 'tmux-gate.service';

/** A file as it shall be. */
export interface WantedFile {
  readonly path: string;
  readonly mode: number;
  /** Its text, from what it is now; undefined: it does not exist. */
  readonly text: (now: string | undefined) => string;
  /** It is never shown. */
  readonly isSecret?: boolean;
  /** These lines are added, and undone one by one. */
  readonly lines?: readonly string[];
}

/** The templates that the package brings. */
export interface Templates {
  readonly sudoers: string;
  readonly sshd: string;
  readonly tmuxConf: string;
  readonly configExample: string;
}

/** What is there stays; what is missing is written. */
const unlessThere =
  (text: string) =>
  (now: string | undefined): string =>
    now ?? text;

/** sudo's rule and the tmux configuration of the sessions. */
export const programFiles = ({ sudoers, tmuxConf }: Templates): readonly WantedFile[] => [
  { path: places.sudoRule, mode: 0o440, text: unlessThere(sudoers) },
  { path: places.tmuxConf, mode: 0o644, text: unlessThere(tmuxConf) },
];

/** The secrets of the clients, each in a file of its own. */
export function secretFiles({ secret, approval }: Answers['oidc']): readonly WantedFile[] {
  const fileOf = (path: string, value: string | undefined): readonly WantedFile[] =>
    value === undefined ? [] : [{ path, mode: 0o600, isSecret: true, text: () => `${value}\n` }];
  return [...fileOf(places.secret, secret), ...fileOf(places.approvalSecret, approval?.secret)];
}

/**
 * The files that close the ways around the gate for an account that sessions run as (docs/logins.md, "Session accounts").
 * @param logins who is to log in through the gate, also where a purge of before keeps them out
 */
export function accountFiles(
  account: string,
  { sshd }: Templates,
  has: Daemons,
  logins: readonly string[] = [],
): readonly WantedFile[] {
  const dropIn = (now: string | undefined): string => dropInWith({ account, logins }, sshd, now);
  const denied = (path: string): WantedFile => ({
    ...{ path, mode: 0o644, lines: [account] },
    text: (now = '') => withLines(now, [account]),
  });
  return [
    { path: places.dropIn, mode: 0o644, text: dropIn },
    ...(has.cron ? [denied(places.cronDeny)] : []),
    ...(has.at ? [denied(places.atDeny)] : []),
  ];
}

/** Which daemons there are that an account could leave jobs to, and that ask a list of those who may not. */
export interface Daemons {
  readonly cron: boolean;
  readonly at: boolean;
}

/** The keys of a login: those that are there, and the new ones. */
export function keyFile({ name, keys }: LoginAnswer): WantedFile {
  const lines = keys.map(({ line }) => line);
  return {
    ...{ path: `${places.loginKeys}/${name}`, mode: 0o644, lines },
    text: (now = '') =>
      withLines(
        now,
        lines.filter((line) => !holdsKey(now, line)),
      ),
  };
}

/** Whether a list of keys has this one already, whatever its comment is. */
function holdsKey(text: string, line: string): boolean {
  const blob = line.split(' ')[1] ?? '';
  return text.split('\n').some((one) => one.split(/\s+/).includes(blob));
}
