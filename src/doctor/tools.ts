// Checks the programs of the host: which are too old, and which have known faults. The fixed versions are those that their projects and
// Debian's changelogs name. A distribution that is not known here may have fixed a version that looks old, so the verdict is `warn`.
import { programVersion } from '../adapters/redis/version.ts';
import { fail, ok, unknown, warn, type Check, type Finding } from './check.ts';
import { find, run } from './look.ts';
import { atLeast, isPatched, versionIn } from './versions.ts';

/** A known fault. Each range is from `from` (included) to `fixed` (excluded). */
export interface Fault {
  readonly name: string;
  readonly harm: string;
  readonly ranges: readonly { readonly from: string; readonly fixed: string }[];
  /** Debian's package, and its version that has the fix. */
  readonly debian?: readonly [name: string, fixed: string];
}

interface Tool {
  readonly id: string;
  readonly about: string;
  readonly name: string;
  readonly args: readonly string[];
  readonly least: string;
  readonly because: string;
  readonly faults: readonly Fault[];
}

const tools: readonly Tool[] = [
  {
    id: 'tool-tmux',
    about: 'tmux 3.2 or later (3.3 for `allow-passthrough`)',
    name: 'tmux',
    args: ['-V'],
    least: '3.2',
    because: 'has no client that starts no server (-N)',
    faults: [
      {
        name: 'tmux before 3.3',
        harm: 'cannot switch passthrough off: programs inside write to the terminal around tmux',
        ranges: [{ from: '0', fixed: '3.3' }],
      },
    ],
  },
  {
    id: 'tool-setpriv',
    about: 'util-linux 2.33 or later: setpriv drops ambient capabilities and dies with its parent',
    name: 'setpriv',
    args: ['--version'],
    least: '2.33',
    because: 'has no --pdeathsig and --ambient-caps',
    faults: [],
  },
  {
    id: 'tool-sudo',
    about: 'sudo without known ways to root: CVE-2021-3156, CVE-2023-22809, CVE-2025-32462, CVE-2025-32463',
    name: 'sudo',
    args: ['--version'],
    least: '1.8.21',
    because: 'is too old to list settings for one command',
    faults: [
      { name: 'CVE-2021-3156', harm: 'any account becomes root', ranges: [{ from: '1.8.2', fixed: '1.9.5p2' }] },
      {
        name: 'CVE-2023-22809',
        harm: 'sudoedit edits any file',
        ranges: [{ from: '1.8.0', fixed: '1.9.12p2' }],
        debian: ['sudo', '1.9.5p2-3+deb11u1'],
      },
      {
        name: 'CVE-2025-32462',
        harm: 'rules of other hosts count here (-h)',
        ranges: [{ from: '1.8.8', fixed: '1.9.17p1' }],
        debian: ['sudo', '1.9.13p3-1+deb12u2'],
      },
      {
        name: 'CVE-2025-32463',
        harm: 'any account becomes root (--chroot)',
        ranges: [{ from: '1.9.14', fixed: '1.9.17p1' }],
      },
    ],
  },
  {
    id: 'tool-openssh',
    about: 'OpenSSH 9.2 or later (`UnusedConnectionTimeout`), without CVE-2024-6387 (regreSSHion)',
    name: 'sshd',
    args: ['-V'],
    least: '9.2',
    because: 'does not know UnusedConnectionTimeout',
    faults: [
      {
        name: 'CVE-2024-6387',
        harm: 'somebody without a key may run code as root',
        ranges: [{ from: '8.5', fixed: '9.8' }],
        debian: ['openssh-server', '1:9.2p1-2+deb12u3'],
      },
    ],
  },
];

/** Known faults of Redis. */
export const redisFaults: readonly Fault[] = [
  {
    name: 'CVE-2025-49844',
    harm: 'whoever may run scripts in Redis runs code as its account',
    ranges: [
      { from: '0', fixed: '6.2.20' },
      { from: '7.0', fixed: '7.2.11' },
      { from: '7.4', fixed: '7.4.6' },
      { from: '8.0', fixed: '8.0.4' },
      { from: '8.2', fixed: '8.2.2' },
    ],
    debian: ['redis-server', '5:7.0.15-1~deb12u6'],
  },
];

/** The faults that a version has, by its number alone. */
export function faultsIn(version: string, faults: readonly Fault[]): readonly Fault[] {
  return faults.filter(({ ranges }) =>
    ranges.some(({ from, fixed }) => atLeast(version, from) && !atLeast(version, fixed)),
  );
}

/** Findings about the faults that the distribution has not fixed either. */
export async function faultFindings(
  what: string,
  version: string,
  faults: readonly Fault[],
): Promise<readonly Finding[]> {
  const open: Finding[] = [];
  for (const { name, harm, debian } of faultsIn(version, faults)) {
    if (debian !== undefined && (await isPatched(...debian))) continue;
    const fixed = debian === undefined ? '' : `; Debian fixed it in ${debian[1]}`;
    open.push(
      warn(`${what} ${version}, ${name}: ${harm}`, `update ${what}, unless your distribution has fixed it${fixed}`),
    );
  }
  return open;
}

function checkOf({ id, about, name, args, least, because, faults }: Tool): Check {
  const look = async (): Promise<readonly Finding[]> => {
    if ((await find(name)) === undefined) return [fail(`${name} is not installed`, `install ${name}`)];
    const { out, err } = await run(name, args);
    const version = versionIn(/OpenSSH_\S+/.exec(out + err)?.[0] ?? out + err);
    if (version === '') return [unknown(`${name} does not report its version`)];
    if (!atLeast(version, least)) return [fail(`${name} ${version} ${because}`, `install ${name} ${least} or later`)];
    const open = await faultFindings(name, version, faults);
    return open.length > 0 ? open : [ok(`${name} ${version}`)];
  };
  return { id, about, look };
}

const node: Check = {
  id: 'tool-node',
  about: 'the Node beside the programs is 24 or later',
  look: async ({ layout, shipped }) => {
    const version = versionIn((await run(`${layout.programs}/node`, ['--version'])).out);
    return [atLeast(version, '24.0') ? ok(`Node ${version}`) : fail(`Node ${version} is too old`, shipped.again)];
  },
};

const redis: Check = {
  id: 'tool-redis',
  about:
    'redis-server, where it is embedded, is Redis 7.0 or Valkey 7.2, or later, and has no known hole for whoever runs scripts (CVE-2025-49844)',
  look: async (scene) => {
    if ((await scene.config()).redis.kind !== 'embedded') return [ok('not embedded; see redis-version')];
    const program = (await find('redis-server')) ?? (await find('valkey-server'));
    if (program === undefined)
      return [fail('redis-server is not installed', 'install redis-server, or name another Redis in the policy')];
    const { name, version, least, serves } = programVersion((await run(program, ['--version'])).out);
    if (!serves)
      return [fail(`redis-server is ${name} ${version}, too old: no grant can be made`, `install ${least} or later`)];
    if (name === 'Valkey') return [ok(`Valkey ${version}`)];
    const open = await faultFindings('redis-server', version, redisFaults);
    return open.length > 0 ? open : [ok(`redis-server ${version}`)];
  },
};

export const toolChecks: readonly Check[] = [...tools.map(checkOf), node, redis];
