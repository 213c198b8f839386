// The doctor at a sandbox: what it finds, and what of it changed since the host was healthy.
import { expect } from '@jest/globals';
import { chmodSync, chownSync, readFileSync, rmSync, statSync } from 'node:fs';
import { must } from '../../scripts/sandbox/exec.ts';
import { writeExact } from '../../scripts/sandbox/files.ts';
import type { Host } from '../../scripts/sandbox/host.ts';

export interface Found {
  readonly id: string;
  readonly verdict: 'ok' | 'warn' | 'unknown' | 'fail';
  readonly why: string;
  readonly remedy: string | null;
}

export interface Diagnosis {
  readonly code: number | null;
  readonly ok: boolean;
  readonly checks: readonly Found[];
}

export const sshdConfigOf = (host: Host): string => `${host.root}/etc/ssh/sshd_config`;
export const dropInOf = (host: Host): string => `${host.root}/etc/ssh/sshd_config.d/tmux-gate.conf`;

/** Runs the doctor as root. @throws Error when what it prints is no JSON. */
export async function diagnose(host: Host, args: readonly string[] = []): Promise<Diagnosis> {
  const { code, stdout, stderr } = await host.cli(['doctor', '--json', '--sshd-config', sshdConfigOf(host), ...args]);
  if (!stdout.startsWith('{')) throw new Error(`the doctor says: ${stderr}`);
  return { code, ...(JSON.parse(stdout) as Omit<Diagnosis, 'code'>) };
}

/** Verdicts that are not those of the healthy host. */
export function changed(healthy: Diagnosis, now: Diagnosis): Readonly<Record<string, string>> {
  const before = new Map(healthy.checks.map(({ id, verdict }) => [id, verdict]));
  return Object.fromEntries(
    now.checks.filter(({ id, verdict }) => before.get(id) !== verdict).map(({ id, verdict }) => [id, verdict]),
  );
}

export function findingOf({ checks }: Diagnosis, id: string): Found {
  const found = checks.find((check) => check.id === id);
  if (found === undefined) throw new Error(`no check ${id}`);
  return found;
}

export type Verdicts = Readonly<Record<string, string>>;

/** Examines the spoilt host: these checks alone have turned, and the first of them says why, and what to do. */
export async function expectOnly(
  host: Host,
  healthy: Diagnosis,
  verdicts: Verdicts,
  remedy: RegExp,
): Promise<Diagnosis> {
  const now = await diagnose(host);
  expect(changed(healthy, now)).toEqual(verdicts);
  const { remedy: told, why } = findingOf(now, Object.keys(verdicts)[0] ?? '');
  expect(told).toMatch(remedy);
  expect(why.length).toBeGreaterThan(10);
  return now;
}

/** Something about the host that is spoilt, and put back when it is disposed of. */
export type Sabotage = AsyncDisposable;

const undoing = (undo: () => unknown): Sabotage => ({
  [Symbol.asyncDispose]: async () => {
    await undo();
  },
});

/** Replaces the only place of a piece. @throws Error when there is not exactly one. */
export function edited(path: string, piece: string, becomes: string): Sabotage {
  const [text, { mode }] = [readFileSync(path, 'utf8'), statSync(path)];
  if (text.split(piece).length !== 2) throw new Error(`${path} holds not once: ${piece}`);
  writeExact(
    path,
    text.replace(piece, () => becomes),
    mode & 0o7777,
  );
  return undoing(() => writeExact(path, text, mode & 0o7777));
}

export function written(path: string, text: string, mode = 0o644): Sabotage {
  writeExact(path, text, mode);
  return undoing(() => rmSync(path, { force: true }));
}

export function withMode(path: string, mode: number): Sabotage {
  const before = statSync(path).mode & 0o7777;
  chmodSync(path, mode);
  return undoing(() => chmodSync(path, before));
}

export function ownedBy(path: string, uid: number, gid: number): Sabotage {
  const before = statSync(path);
  chownSync(path, uid, gid);
  return undoing(() => chownSync(path, before.uid, before.gid));
}

/** Lines of sudoers in a file of the sandbox's own, which visudo has read first. */
export async function sudoersLine(host: Host, line: string): Promise<Sabotage> {
  const path = `${host.layout.sudoRule}-more`;
  writeExact(`${path}.draft`, `${line}\n`, 0o440);
  try {
    await must('visudo', ['-cqf', `${path}.draft`]);
    return written(path, `${line}\n`, 0o440);
  } finally {
    rmSync(`${path}.draft`);
  }
}

const inTurn = async (...words: readonly string[]): Promise<unknown> =>
  must('flock', ['/run/lock/tmux-gate-sandbox-accounts', ...words]);

/** One setting of an account: usermod's option, the value, and the value to go back to. */
export async function usermod(name: string, option: string, value: string, back: string): Promise<Sabotage> {
  await inTurn('usermod', option, value, name);
  return undoing(async () => inTurn('usermod', option, back, name));
}

export async function inGroup(name: string, group: string): Promise<Sabotage> {
  await inTurn('gpasswd', '-a', name, group);
  return undoing(async () => inTurn('gpasswd', '-d', name, group));
}

export function withConfig(host: Host, change: (config: Record<string, unknown>) => object): Sabotage {
  const before = host.config;
  host.writeConfig(change(structuredClone(before) as Record<string, unknown>));
  return undoing(() => host.writeConfig(before));
}
