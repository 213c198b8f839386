// Measures what people use instead of a relay of their own to record a terminal, each around the same `tmux attach` behind an sshd of its own:
// tlog-rec, asciinema rec, and sudo with I/O logging. None of them asks, ends at a time, or keeps input out.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { Host } from '../sandbox/host.ts';
import { allowForBench } from '../sandbox/sudo-rule.ts';
import { peer, startWrapped, type Bare, type Wrapping } from './bare.ts';
import { firstFrame, since } from './inside.ts';
import { p50, p99 } from './numbers.ts';
import type { Figures } from './report.ts';
import { pour, press, sitDown, type Typist } from './visit.ts';

/** How each records, into a file for each connection: `$$` is the pid of the login's shell. */
const wrappings: Readonly<Record<string, Wrapping>> = {
  tlog: (attach, folder) => `exec tlog-rec --writer=file --file-path=${folder}/kept/$$.log -- ${attach}`,
  asciinema: (attach, folder) =>
    `exec env ASCIINEMA_CONFIG_HOME=${folder}/kept asciinema rec -q -c '${attach}' ${folder}/kept/$$.cast`,
  sudo: (attach) => `exec sudo -n -u "$(id -un)" ${attach}`,
};

const names = Object.keys(wrappings);

/** The rule that lets the login run tmux as itself, and has sudo record it. */
const rules = (login: string, folder: string): string =>
  [
    `Defaults:${login} log_output, iolog_dir=${folder}/io, !pam_session, !pam_setcred`,
    `${login} ALL=(${login}) NOPASSWD: LOG_OUTPUT: /usr/bin/tmux`,
    '',
  ].join('\n');

export interface PeerRounds {
  readonly visits: number;
  readonly keys: number;
  readonly pours: number;
  readonly peerConnections: number;
}

/** Visit, echo, bulk and memory of each, beside a bare attach in the same run. */
export async function measurePeers(host: Host, bare: Bare, rounds: PeerRounds): Promise<Figures> {
  await using made = new AsyncDisposableStack();
  makeUtmp();
  const login = `${host.layout.prefix}-${peer}`;
  await allowForBench(host.layout, rules(login, `${host.layout.root}/bare/sudo`));
  const sides: [string, Bare][] = [['bare', bare]];
  for (const name of names) sides.push([name, made.use(await startWrapped(host, name, wrappings[name] ?? ((a) => a)))]);
  const visits = await visitsOf(sides, rounds.visits);
  const echoes = await echoesOf(sides, rounds.keys);
  const pours = await poursOf(sides, rounds.pours);
  const figures: Record<string, number> = {};
  for (const [name, side] of sides) {
    if (name !== 'bare') figures[`peer_${name}_visit_ratio`] = p50(visits[name] ?? []) / p50(visits['bare'] ?? []);
    figures[`peer_${name}_echo_p99_ms`] = p99(echoes[name] ?? []);
    if (name !== 'bare') figures[`peer_${name}_bulk_ratio`] = p50(pours['bare'] ?? []) / p50(pours[name] ?? []);
    figures[`peer_${name}_pss_mb`] = await memoryOf(side, rounds.peerConnections);
  }
  return figures;
}

/** tlog-rec does not start without this file, which a host makes as it boots, and a container does not have. */
function makeUtmp(): void {
  const path = '/run/utmp';
  if (!existsSync(path)) execFileSync('install', ['-m', '664', '-g', 'utmp', '/dev/null', path]);
}

type Samples = Record<string, number[]>;
type Sides = readonly (readonly [string, Bare])[];

/** Visits in turns; the first of each warms caches and is not counted. */
async function visitsOf(sides: Sides, rounds: number): Promise<Samples> {
  const samples: Samples = {};
  for (let round = 0; round <= rounds; round++)
    for (const [name, side] of sides) {
      const client = side.attach();
      const seen = await client.until(firstFrame('prod-db'));
      await client.leave();
      if (round > 0) (samples[name] ??= []).push(since(client.started, seen));
    }
  return samples;
}

const rhythmMs = 4;

async function echoesOf(sides: Sides, keys: number): Promise<Samples> {
  const samples: Samples = {};
  // One after another: they share a tmux server, and each key would be drawn for all.
  for (const [name, side] of sides) {
    const typist: Typist = await sitDown(side.attach());
    for (let n = 0; n < keys; n++) {
      await press(typist, n);
      await delay(rhythmMs);
    }
    typist.client.type('\u0003');
    await typist.client.leave();
    samples[name] = typist.samples;
  }
  return samples;
}

async function poursOf(sides: Sides, rounds: number): Promise<Samples> {
  const samples: Samples = {};
  for (let round = 0; round < rounds; round++)
    for (const [name, side] of sides) (samples[name] ??= []).push(await pour(side.attach()));
  return samples;
}

/** What each connection adds to the PSS of what its sshd started, without sshd's own processes: megabytes. */
async function memoryOf(side: Bare, count: number): Promise<number> {
  const clients = [];
  for (let n = 0; n < count; n++) {
    const client = side.attach();
    await client.until(firstFrame('prod-db'));
    clients.push(client);
  }
  const mb = pssBelow(side.pid) / count;
  for (const client of clients) await client.leave();
  return mb;
}

function pssBelow(root: number): number {
  const parents = new Map<number, number>();
  const commands = new Map<number, string>();
  for (const name of readdirSync('/proc').filter((one) => /^\d+$/.test(one))) {
    const stat = read(`/proc/${name}/stat`);
    const [, comm = '', ppid = ''] = /\((.*)\) \S+ (\d+)/s.exec(stat) ?? [];
    parents.set(Number(name), Number(ppid));
    commands.set(Number(name), comm);
  }
  const isBelow = (pid: number): boolean => {
    for (let at = parents.get(pid) ?? 0; at > 1; at = parents.get(at) ?? 0) if (at === root) return true;
    return false;
  };
  const theirs = [...parents.keys()].filter((pid) => isBelow(pid) && commands.get(pid) !== 'sshd');
  return theirs.reduce((sum, pid) => sum + pssOf(pid), 0) / 1024;
}

const pssOf = (pid: number): number => Number(/^Pss:\s+(\d+) kB/m.exec(read(`/proc/${pid}/smaps_rollup`))?.[1] ?? 0);

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // the process is gone
  }
}
