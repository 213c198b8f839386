// Checks the policy, the keeper, the service account, the disks and the clock.
import { stat, statfs } from 'node:fs/promises';
import { accountByName } from '../adapters/accounts.ts';
import { isAt, readAnchor } from '../adapters/journal/anchor.ts';
import { journalName } from '../adapters/journal/read.ts';
import { sha256 } from '../adapters/sha256.ts';
import * as stateFiles from '../adapters/state-file.ts';
import { loudOptions } from '../config/load.ts';
import { ConfigError, formatProblem } from '../config/problem.ts';
import { fail, ok, orOk, unknown, warn, type Check, type Finding } from './check.ts';
import type { Part, PartName } from '../core/health/parts.ts';
import { formatSize } from '../core/size.ts';
import { membersOf } from './gated-group.ts';
import { groupsOf, powerful, sharingUid } from './groups.ts';
import { find, isThere, mayRead, run, textOf } from './look.ts';

export const config: Check = {
  id: 'config',
  about: 'the policy and the files that it names can be read, are safe and have no mistakes',
  look: async ({ layout, loadConfig, root }) => {
    try {
      await loadConfig();
      return [ok(`${layout.config} is in order`)];
    } catch (error) {
      if (!root && !(await mayRead(layout.config)))
        return [unknown(`${layout.config} can be read by root only`, 'run it as root: sudo tmux-gate doctor')];
      const problems = error instanceof ConfigError ? error.problems.map(formatProblem) : ['it cannot be read'];
      return problems.slice(0, 10).map((problem) => fail(problem, 'correct the file, then: tmux-gate policy check'));
    }
  },
};

const options: Check = {
  id: 'host-options',
  about: 'no option of the policy that weakens the gate is in force (`insecure_...`)',
  look: async (scene) => {
    const loud = loudOptions(await scene.config());
    return orOk(
      loud.map((option) => warn(`${option} is in force`, 'take it out of the policy')),
      'none is in force',
    );
  },
};

/** Parts of `status` that the doctor looks at itself, and more closely. */
const ownChecks: ReadonlySet<string> = new Set<PartName>(['sshd', 'sudo', 'disk', 'clock', 'witness']);

const keeper: Check = {
  id: 'host-keeper',
  about: 'the keeper runs and reports no fault',
  look: async ({ askKeeper, root }) => {
    if (!root) return [unknown('only root can ask the keeper', 'run it as root: sudo tmux-gate doctor')];
    const answer = await askKeeper();
    if (answer === undefined)
      return [
        fail('the keeper does not answer: nobody can connect', 'systemctl status tmux-gate; journalctl -u tmux-gate'),
      ];
    const { parts } = JSON.parse(answer) as { readonly parts: readonly Part[] };
    const wrong = parts.filter(({ name, level }) => level !== 'ok' && !ownChecks.has(name));
    return orOk(
      wrong.map(({ name, detail, why = detail, fix }) =>
        warn(`the keeper reports ${name}: ${why}`, fix ?? `see the checks on ${name}`),
      ),
      'it runs and reports no fault',
    );
  },
};

const service: Check = {
  id: 'host-service-account',
  about: 'the service account is used for nothing else: no login shell, a group of its own without members, no rights',
  look: async (scene) => {
    const { serviceAccount: name } = await scene.config();
    const account = await accountByName(name);
    if (account === undefined) return [fail(`${name} does not exist`, scene.shipped.again)];
    const groups = await groupsOf(name);
    const members = (await membersOf(groups[0])).filter((member) => member !== name);
    const shared = await sharingUid(account);
    const faults = [
      ...(account.uid === 0 ? ['it is root'] : []),
      ...(members.length > 0 ? [`its group has members: ${members.join(', ')}`] : []),
      ...(groups.some((group) => powerful.has(group)) ? [`it is in ${groups.join(', ')}`] : []),
      ...(shared.length > 0 ? [`it has the uid of ${shared.join(', ')}`] : []),
      ...(/\/(?:nologin|false)$/.test(account.shell) ? [] : [`it has the login shell ${account.shell}`]),
    ];
    return orOk(
      faults.map((fault) =>
        fail(
          fault,
          `make ${name} an account of its own: usermod -s /usr/sbin/nologin -g tmux-gate-service ${name}`,
          name,
        ),
      ),
      'used for nothing else',
    );
  },
};

const mega = 1024 * 1024;

/** Judges the free space: the keeper refuses visits below 16 MB (law 7). @param free bytes. @param files free inodes. */
export function roomFinding(what: string, free: number, files: number): Finding {
  const remedy = 'free some space, or give it a file system of its own';
  const shown = `${formatSize(free)} free for the ${what}`;
  if (free < 64 * mega || files === 0) return fail(`only ${shown}: nobody can connect when it is full`, remedy);
  return free < 1024 * mega ? warn(`only ${shown}`, remedy) : ok(shown);
}

/** The gates write recordings without asking: below the reserve nobody is let in, though the journal alone would have room. */
async function sharedDisk(journal: string, recordings: string): Promise<readonly Finding[]> {
  const [one, other] = await Promise.all([stat(journal), stat(recordings)]);
  if (one.dev !== other.dev) return [];
  const text =
    "recordings are on the journal's file system: who prints enough takes its room, down to recordings.reserve";
  return [warn(text, `give ${recordings} a file system of its own`)];
}

const space: Check = {
  id: 'host-space',
  about: 'journal and recordings have free space, without which nobody can connect, and file systems of their own',
  look: async ({ layout }) => {
    const places = [
      ['journal', layout.journal],
      ['recordings', layout.recordings],
    ] as const;
    const found: Finding[] = [];
    for (const [what, path] of places) {
      if (!(await isThere(path)))
        return [unknown(`${path} is not there yet`, 'start the keeper once: systemctl start tmux-gate')];
      const { bavail, bsize, ffree } = await statfs(path);
      found.push(roomFinding(what, bavail * bsize, ffree));
    }
    return [...found, ...(await sharedDisk(layout.journal, layout.recordings))];
  },
};

const anchored: Check = {
  id: 'host-journal',
  about: 'the journal is as its keeper left it: after a cut, a rollback or a foreign record nobody can connect',
  look: async ({ layout }) => {
    const remedy = 'tmux-gate audit verify; then, with what happened: tmux-gate audit accept --reason ...';
    await textOf(layout.journalAnchor); // unreadable for us is `unknown`; it does not mean that somebody changed it
    const anchor = await readAnchor({
      files: stateFiles,
      path: layout.journalAnchor,
      acceptedPath: layout.journalAccepted,
    }).catch(() => 'unreadable' as const);
    if (anchor === 'unreadable') return [fail('the anchor of the journal cannot be read', remedy)];
    const journal = `${layout.journal}/${journalName}`;
    if (anchor === undefined)
      return (await isThere(journal))
        ? [fail('there is a journal and no anchor for it', remedy)]
        : [unknown('there is no journal yet', 'start the keeper once: systemctl start tmux-gate')];
    return [
      (await isAt(journal, anchor, sha256))
        ? ok(`record ${anchor.n} is where its keeper left it`)
        : fail(`record ${anchor.n} is not where its keeper left it: nobody can connect`, remedy),
    ];
  },
};

const evidence: Check = {
  id: 'host-evidence',
  about:
    'notices leave this host, and so does the journal: root here can delete it, and `audit verify` sees only what is here',
  look: async (scene) => {
    const { notify } = await scene.config();
    return [
      notify.length > 0
        ? ok('notices leave the host; the journal itself is verified by: tmux-gate audit verify')
        : warn(
            'nothing leaves this host: no notice is configured',
            'add a webhook under notify, and copy the journal to another host',
          ),
    ];
  },
};

/** Whether the host's time service is synchronised; undefined where there is none. */
async function synchronised(): Promise<boolean | undefined> {
  if (await isThere('/run/systemd/timesync/synchronized')) return true;
  if ((await find('timedatectl')) !== undefined && (await isThere('/run/systemd/system'))) {
    const { code, out } = await run('timedatectl', ['show', '-p', 'NTPSynchronized', '--value']);
    if (code === 0) return out.trim() === 'yes';
  }
  if ((await find('chronyc')) === undefined) return undefined;
  const { code, out } = await run('chronyc', ['-n', 'tracking']);
  return code === 0 ? /^Leap status\s*: Normal/m.test(out) : undefined;
}

const clock: Check = {
  id: 'clock-sync',
  about: "this host's clock is synchronised: access and tokens end by it",
  look: async () => {
    const is = await synchronised();
    if (is === undefined)
      return [unknown('no time service of this host reports that', 'install chrony or systemd-timesyncd')];
    return [
      is
        ? ok('it is')
        : fail('the clock is not synchronised', 'look at chronyc tracking or timedatectl timesync-status'),
    ];
  },
};

export const hostChecks: readonly Check[] = [options, keeper, service, space, anchored, evidence, clock];
