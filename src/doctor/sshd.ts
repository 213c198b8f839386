// Checks sshd: its settings for each gated login, where their keys are read, and whether session accounts can log in.
import { globSync, type Stats } from 'node:fs';
import { resolve } from 'node:path';
import { changes, type Account } from '../adapters/accounts.ts';
import { fail, ok, orOk, unknown, warn, type Check, type Finding } from './check.ts';
import { modeOf, pathFault, type PathFault } from './files.ts';
import { ofEach, rowsOf, run, statOf, textOf } from './look.ts';
import { rules, type Rule } from './sshd-rules.ts';
import { penalties } from './sshd-penalties.ts';
import { fits, readServer, valueOf, type Settings } from './sshd-settings.ts';
import { atLeast, isPatched, versionIn } from './versions.ts';
import type { Scene } from './scene.ts';

function checkOf(rule: Rule): Check {
  const look = async (scene: Scene): Promise<readonly Finding[]> =>
    eachLogin(scene, `in force: ${rule.about.split(':')[0] ?? ''}`.replaceAll('`', ''), (settings) => {
      const wrong = rule.judge(settings, scene.gate);
      if (wrong === undefined) return undefined;
      return rule.verdict === 'warn' ? warn(wrong, rule.remedy) : fail(wrong, rule.remedy);
    });
  return { id: rule.id, about: rule.about, look };
}

type Judge = (settings: Settings, login: Account) => Finding | undefined | Promise<Finding | undefined>;

async function eachLogin(scene: Scene, fine: string, judge: Judge): Promise<readonly Finding[]> {
  const found = await ofEach(await scene.gated(), async (login) => {
    const fault = await judge(await scene.settings(login.name), login);
    return fault === undefined ? [] : [{ ...fault, of: login.name }];
  });
  return orOk(found.flat(), fine);
}

const agent: Check = {
  id: 'sshd-agent',
  about: 'agent and X11 forwarding: OpenSSH before 10.0 leaves them open under `DisableForwarding` (CVE-2025-32728)',
  look: async (scene) => {
    const known = await isPatched('openssh-server', '1:9.2p1-2+deb12u6');
    const told = await run('sshd', ['-V']);
    if (known || atLeast(versionIn(`${told.err}${told.out}`), '10.0')) return [ok('this OpenSSH keeps them off')];
    return eachLogin(scene, 'off by directives of their own', (settings) =>
      ['allowagentforwarding', 'x11forwarding'].every((key) => valueOf(settings, key) === 'no')
        ? undefined
        : warn(
            'an OpenSSH before 10.0 without the fix of CVE-2025-32728 leaves agent and X11 forwarding open',
            'update openssh-server, or add "AllowAgentForwarding no" and "X11Forwarding no" to the Match block',
          ),
    );
  },
};

const keys: Check = {
  id: 'sshd-keys',
  about: '`AuthorizedKeysFile`: files that root wrote, in folders that no login can change',
  look: (scene) =>
    eachLogin(scene, 'only root can change the keys', async (settings, login) => {
      const templates = valueOf(settings, 'authorizedkeysfile').split(' ');
      for (const path of templates.filter((one) => one !== 'none').map((one) => keyPath(one, login))) {
        const wrong = keysFinding(path, login.home, await changes(login, path), await pathFault(path));
        if (wrong !== undefined) return wrong;
      }
      return undefined;
    }),
};

/** The finding for a file of keys. One in the login's own home cannot be repaired there, so another place is proposed. */
export function keysFinding(
  path: string,
  home: string,
  loginCan: boolean,
  fault: PathFault | undefined,
): Finding | undefined {
  if (fault === undefined && !loginCan) return undefined;
  const how = [
    ...(loginCan ? ['the login can change it'] : []),
    ...(fault === undefined ? [] : [fault.why.startsWith('its ') ? fault.why : `it ${fault.why}`]),
  ];
  return fail(
    `keys are read from ${path}: ${how.join(': ')}`,
    fault === undefined || path.startsWith(`${home}/`)
      ? `use "AuthorizedKeysFile /etc/ssh/tmux-gate-keys/%u", files that belong to root`
      : `look at the keys in it, then: ${fault.remedy}`,
  );
}

/** A path of AuthorizedKeysFile with its tokens replaced (sshd_config(5), TOKENS); a relative path is below the home. */
export function keyPath(template: string, login: Account): string {
  const tokens: Readonly<Record<string, string>> = {
    '%%': '%',
    '%h': login.home,
    '%u': login.name,
    '%U': String(login.uid),
  };
  return resolve(
    login.home,
    template.replace(/%[%huU]/g, (token) => tokens[token] ?? token),
  );
}

const pam: Check = {
  id: 'sshd-pam',
  about:
    "`UsePAM yes` with pam_loginuid: the kernel's own record of who logged in, which the gate compares with sudo's",
  look: async (scene) => {
    const service = (await textOf('/etc/pam.d/sshd')) ?? '';
    if (!/^\s*session\s+\S+\s+pam_loginuid\.so/m.test(service))
      return [
        fail('/etc/pam.d/sshd has no pam_loginuid.so', 'add "session required pam_loginuid.so" to /etc/pam.d/sshd'),
      ];
    return eachLogin(scene, 'pam_loginuid runs for each login', (settings) =>
      valueOf(settings, 'usepam') === 'yes'
        ? undefined
        : fail('sshd says "usepam no"', 'set "UsePAM yes" in sshd_config'),
    );
  },
};

const sessionAccounts: Check = {
  id: 'sshd-session-accounts',
  about: '`DenyUsers`: the session accounts cannot log in, whatever keys somebody left in their homes',
  look: async (scene) => {
    const wrong: Finding[] = [];
    for (const { account } of await scene.sessions()) {
      if (account === undefined || denied(await scene.settings(account.name), account, await groupNames(account)))
        continue;
      const name = account.name;
      wrong.push(
        fail(
          'sshd lets the session account log in',
          `add "DenyUsers ${name}" to sshd's configuration, outside any Match`,
          name,
        ),
      );
    }
    return orOk(wrong, 'sshd keeps every session account out');
  },
};

async function groupNames({ name }: Account): Promise<readonly string[]> {
  return (await run('id', ['-Gn', '--', name])).out.trim().split(' ');
}

/**
 * Whether sshd denies an account (sshd_config(5): DenyUsers, AllowUsers, DenyGroups, AllowGroups). A pattern for one address does not
 * count.
 */
export function denied(settings: Settings, { name }: Pick<Account, 'name'>, groups: readonly string[]): boolean {
  const list = (key: string): readonly string[] => (settings.get(key) ?? []).flatMap((value) => value.split(' '));
  const isUser = (pattern: string): boolean => fits(pattern.replace(/@\*$/, ''), name);
  const allowsUser = (pattern: string): boolean => fits(pattern.split('@')[0] ?? '', name);
  const inGroups = (pattern: string): boolean => groups.some((group) => fits(pattern, group));
  if (list('denyusers').some(isUser) || list('denygroups').some(inGroups)) return true;
  if (list('allowusers').length > 0 && !list('allowusers').some(allowsUser)) return true;
  return list('allowgroups').length > 0 && !list('allowgroups').some(inGroups);
}

/** The configuration file and the files that it includes, in the order in which sshd reads them. */
async function filesOf(config: string, depth = 0): Promise<readonly { path: string; rows: readonly string[] }[]> {
  const rows = rowsOf((await textOf(config)) ?? '');
  const included = rows.filter((row) => /^include\s/i.test(row)).flatMap((row) => row.split(/\s+/).slice(1));
  const paths = depth > 8 ? [] : included.flatMap((glob) => globSync(resolve('/etc/ssh', glob)).sort());
  const inner = await Promise.all(paths.map(async (path) => filesOf(path, depth + 1)));
  return [...inner.flat(), { path: config, rows }];
}

const files: Check = {
  id: 'sshd-files',
  about: "only root can change sshd's configuration files and their folders, and only root can read its host keys",
  look: async ({ sshdConfig }) => {
    if ((await statOf(sshdConfig)) === undefined)
      return [unknown(`${sshdConfig} does not exist`, 'name the file: tmux-gate doctor --sshd-config FILE')];
    const wrong: Finding[] = [];
    for (const { path } of await filesOf(sshdConfig)) {
      const fault = await pathFault(path);
      if (fault !== undefined) wrong.push(fail(`${path}: ${fault.why}`, fault.remedy));
    }
    // Where sshd reports nothing, the checks of its settings say so.
    const keyPaths = (await readServer(sshdConfig).catch(() => undefined))?.get('hostkey') ?? [];
    for (const path of keyPaths) {
      const stats = await statOf(path);
      const fault = stats === undefined || stats.isSymbolicLink() ? undefined : hostKeyFinding(path, stats);
      if (fault !== undefined) wrong.push(fault);
    }
    return orOk(wrong, 'only root can change them');
  },
};

/** Whether others can read a host key. A group may: on Fedora it is ssh_keys, and sshd there allows it. */
export function hostKeyFinding(path: string, stats: Pick<Stats, 'uid' | 'mode'>): Finding | undefined {
  if (stats.uid === 0 && (stats.mode & 0o037) === 0) return undefined;
  const why = stats.uid === 0 ? `has mode ${modeOf(stats)}` : `belongs to uid ${stats.uid}`;
  return fail(
    `the host key ${path} ${why}: whoever reads it can pose as this host`,
    `chown root:root ${path}; chmod 0600 ${path}; if others were on this host, make a new key`,
  );
}

/** Match conditions that `sshd -T -C` cannot try for every possible connection. */
const elsewhere = /\b(?:address|host|localaddress|localport|rdomain|version)\b/i;

const match: Check = {
  id: 'sshd-match',
  about:
    'no Match block for certain addresses, hosts or ports, which could say otherwise for connections that were not checked',
  look: async ({ sshdConfig }) => {
    const blocks = (await filesOf(sshdConfig)).flatMap(({ path, rows }) =>
      rows.filter((row) => /^match\s/i.test(row) && elsewhere.test(row)).map((row) => `"${row}" in ${path}`),
    );
    return orOk(
      blocks.map((block) =>
        warn(
          `${block} is for certain connections only, and overrides what comes after it`,
          'put the block of the gated group before it',
        ),
      ),
      'what was checked holds for every address',
    );
  },
};

export const sshdChecks: readonly Check[] = [
  ...rules.map(checkOf),
  ...[agent, keys, pam, sessionAccounts, files, match, penalties],
];
