// Checks owners and modes of the files that protect the gate (law 10), and of every folder above them.
import type { Stats } from 'node:fs';
import { readdir, realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { accountByName, type Account } from '../adapters/accounts.ts';
import { segmentsIn } from '../adapters/journal/segments.ts';
import type { Layout } from '../wire/layout.ts';
import { fail, ok, orOk, warn, type Check, type Finding } from './check.ts';
import { NotInspectable } from './not-inspectable.ts';
import { statOf } from './look.ts';

/** Why a path is not safely root's, and what to do. */
export interface PathFault {
  /** What is wrong, after the path as subject: "belongs to uid 7". */
  readonly why: string;
  /** The command that repairs the file or folder at fault. */
  readonly remedy: string;
}

/**
 * Why somebody other than root could change what a path leads to; undefined when nobody can, or nothing is there.
 * @throws NotInspectable
 */
export async function pathFault(path: string): Promise<PathFault | undefined> {
  for (let at = path; ; at = dirname(at)) {
    const stats = await statOf(at);
    const fault = stats === undefined ? undefined : await stepFault(at, stats, at !== path);
    if (fault !== undefined) return at === path ? fault : { ...fault, why: `its folder ${at} ${fault.why}` };
    if (at === dirname(at)) return undefined;
  }
}

/** The fault of one step of a path. Of a symbolic link, its owner and its target are checked. */
async function stepFault(at: string, stats: Stats, folder: boolean): Promise<PathFault | undefined> {
  if (!stats.isSymbolicLink()) return rootsFault(at, stats, folder);
  if (stats.uid !== 0) return { why: `is a link of uid ${stats.uid}`, remedy: `chown -h root:root ${at}` };
  const target = await realpath(at).catch(() => undefined);
  return target === undefined
    ? { why: 'is a link to nothing', remedy: `put the file itself there, or: rm ${at}` }
    : pathFault(target);
}

/** Why a file or folder is not safely root's; undefined when it is. A sticky folder on the way may be writable by others. */
export function rootsFault(at: string, stats: Pick<Stats, 'uid' | 'mode'>, folder: boolean): PathFault | undefined {
  if (stats.uid !== 0) return { why: `belongs to uid ${stats.uid}`, remedy: `chown root:root ${at}; chmod go-w ${at}` };
  const sticky = folder && (stats.mode & 0o1000) !== 0;
  if ((stats.mode & 0o022) === 0 || sticky) return undefined;
  return { why: `can be written by others (mode ${modeOf(stats)})`, remedy: `chmod go-w ${at}` };
}

/** The permission bits as four octal digits. */
export const modeOf = (stats: Pick<Stats, 'mode'>): string => (stats.mode & 0o7777).toString(8).padStart(4, '0');

/** What a file or folder must be like. */
interface Wanted {
  readonly path: string;
  /** The mode bits that it may have at most. */
  readonly most: number;
  readonly uid: number;
  readonly gid?: number;
}

async function faultOf({ path, most, uid, gid }: Wanted): Promise<Finding | undefined> {
  const stats = await statOf(path);
  if (stats === undefined) return undefined;
  const modes = most.toString(8).padStart(4, '0');
  const remedy = `chown ${uid}:${gid ?? 0} ${path}; chmod ${modes} ${path}`;
  if (stats.isSymbolicLink())
    return fail(`${path} is a symbolic link`, `remove the link, then restart tmux-gate: rm ${path}`);
  if (stats.uid !== uid) return fail(`${path} belongs to uid ${stats.uid}, not to uid ${uid}`, remedy);
  if (gid !== undefined && stats.gid !== gid) return fail(`${path} is of group ${stats.gid}, not ${gid}`, remedy);
  return (stats.mode & 0o7777 & ~most) === 0
    ? undefined
    : fail(`${path} has mode ${modeOf(stats)}; at most ${modes} is allowed`, remedy);
}

async function faultsOf(wanted: readonly Wanted[]): Promise<readonly Finding[]> {
  const found = await Promise.all(wanted.map(faultOf));
  return found.filter((fault) => fault !== undefined);
}

const roots = (path: string, most: number): Wanted => ({ path, most, uid: 0 });

/** Findings about a folder of root with mode 0700 and files in it. The keeper makes a missing folder when it starts. */
async function folderFindings(folder: string, files: readonly string[]): Promise<readonly Finding[]> {
  if ((await statOf(folder)) === undefined)
    return [warn(`${folder} is not there yet`, 'start the keeper once: systemctl start tmux-gate')];
  const above = await pathFault(dirname(folder));
  const wrong = above === undefined ? [] : [fail(`${dirname(folder)}: ${above.why}`, above.remedy)];
  const inside = files.map((name) => roots(join(folder, name), 0o600));
  return [...(await faultsOf([roots(folder, 0o700), ...inside])), ...wrong];
}

/** The journal's folder, and its files: also those that were closed (adapters/journal/segments.ts). */
const journal: Check = {
  id: 'files-journal',
  about: 'the journal: only root can read and write it',
  look: async ({ layout }) => {
    await statOf(join(layout.journal, 'journal.jsonl')); // not to be inspected by others than root
    const segments = segmentsIn(layout.journal).map(({ name }) => name);
    const found = await folderFindings(layout.journal, ['journal.jsonl', 'checkpoint', 'lock', ...segments]);
    return orOk(found, `only root can use ${layout.journal}`);
  },
};

function folderCheck(id: string, about: string, folderOf: (layout: Layout) => string, files: readonly string[]): Check {
  return {
    id,
    about,
    look: async ({ layout }) =>
      orOk(await folderFindings(folderOf(layout), files), `only root can use ${folderOf(layout)}`),
  };
}

const programs: Check = {
  id: 'files-programs',
  about: 'the programs and every folder above them belong to root and nobody else can change them',
  look: async ({ layout, shipped }) => {
    const names = await readdir(layout.programs, { recursive: true });
    const paths = names.map((name) => join(layout.programs, name));
    const faults = await Promise.all(paths.map(async (path) => [path, await pathFault(path)] as const));
    const wrong = faults.flatMap(([path, fault]) =>
      fault === undefined ? [] : [fail(`${path}: ${fault.why}`, `find out who changed it, and ${shipped.again}`)],
    );
    return orOk(wrong.slice(0, 5), `${names.length} files, which only root can change`);
  },
};

const tmuxConf: Check = {
  id: 'files-tmux-conf',
  about: "the sessions' tmux.conf is there, and only root can change it: tmux runs what it says",
  look: async ({ layout: { tmuxConf: path }, shipped }) => {
    if ((await statOf(path)) === undefined)
      return [fail(`${path} is missing, so no session starts`, `install -m 0644 ${shipped.tmuxConf} ${path}`)];
    const fault = await pathFault(path);
    return fault === undefined ? [ok('only root can change it')] : [fail(`${path}: ${fault.why}`, fault.remedy)];
  },
};

const state: Check = {
  id: 'files-state',
  about: "the keeper's state: tombstones, pins and refresh tokens can be read and written by root only",
  look: async ({ layout }) => {
    const { state: folder, tombstones, pins, refresh } = layout;
    const wanted = [roots(folder, 0o711), ...[tombstones, pins, refresh].map((path) => roots(path, 0o600))];
    return orOk(await faultsOf(wanted), `only root can use ${folder}`);
  },
};

const run: Check = {
  id: 'files-run',
  about:
    "the run folder and its sockets: the keeper's belongs to root, the one for gates that report back belongs to the service account",
  look: async (scene) => {
    const { run: folder, keeperSocket, rejoinSocket, sessions, connections } = scene.layout;
    const service = await serviceOf(await scene.config());
    const wanted = [
      roots(folder, 0o755),
      roots(keeperSocket, 0o600),
      roots(sessions, 0o711),
      roots(connections, 0o700),
      { path: dirname(rejoinSocket), most: 0o750, uid: 0, gid: service.gid },
      { path: rejoinSocket, most: 0o660, uid: 0, gid: service.gid },
    ];
    return orOk(await faultsOf(wanted), 'owners and modes are right');
  },
};

async function serviceOf({ serviceAccount }: { readonly serviceAccount: string }): Promise<Account> {
  const account = await accountByName(serviceAccount);
  if (account === undefined) throw new NotInspectable(`the service account ${serviceAccount} does not exist`);
  return account;
}

const redis: Check = {
  id: 'files-redis',
  about: 'embedded Redis: its socket and data are those of the service account, and nobody else reaches them',
  look: async (scene) => {
    const config = await scene.config();
    if (config.redis.kind !== 'embedded') return [ok('not embedded')];
    const { uid, gid } = await serviceOf(config);
    const { redisRun, redisData } = scene.layout;
    const wanted = [redisRun, `${redisRun}/sock`, redisData].map((path) => ({ path, most: 0o700, uid, gid }));
    return orOk(await faultsOf(wanted), 'only the service account can use it');
  },
};

export const fileChecks: readonly Check[] = [
  programs,
  tmuxConf,
  folderCheck(
    'files-keys',
    "this host's keys, those that were retired too: whoever reads them can forge grants, whoever writes them can bring one back",
    ({ keys }) => keys,
    ['host.jwk', 'signing.json'],
  ),
  journal,
  folderCheck(
    'files-recordings',
    'the recordings: in a folder that only root can enter',
    ({ recordings }) => recordings,
    [],
  ),
  state,
  run,
  redis,
];
