// Runs the doctor on a sandbox, breaks one thing at a time, and compares with the results of the healthy host.
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

/** Runs the doctor as root. @throws Error when it prints no JSON */
export async function diagnose(host: Host, args: readonly string[] = []): Promise<Diagnosis> {
  const { code, stdout, stderr } = await host.cli(['doctor', '--json', '--sshd-config', sshdConfigOf(host), ...args]);
  if (!stdout.startsWith('{')) throw new Error(`the doctor says: ${stderr}`);
  return { code, ...(JSON.parse(stdout) as Omit<Diagnosis, 'code'>) };
}

/** The verdicts that differ from those of the healthy host, by check. */
export function changed(healthy: Diagnosis, now: Diagnosis): Readonly<Record<string, string>> {
  const before = new Map(healthy.checks.map(({ id, verdict }) => [id, verdict]));
  return Object.fromEntries(
    now.checks.filter(({ id, verdict }) => before.get(id) !== verdict).map(({ id, verdict }) => [id, verdict]),
  );
}

/** The result of one check. @throws Error when there is none with this id */
export function findingOf({ checks }: Diagnosis, id: string): Found {
  const found = checks.find((check) => check.id === id);
  if (found === undefined) throw new Error(`no check ${id}`);
  return found;
}

export type Verdicts = Readonly<Record<string, string>>;

/** Runs the doctor and expects that exactly these verdicts have changed, and that the first of them has a reason and this remedy. */
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

/** Something broken on the host; disposing repairs it. */
export type Sabotage = AsyncDisposable;

const undoing = (undo: () => unknown): Sabotage => ({
  [Symbol.asyncDispose]: async () => {
    await undo();
  },
});

/** Replaces a piece of a file. @throws Error when the piece is not there exactly once */
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

/** Writes a file, which disposing removes. */
export function written(path: string, text: string, mode = 0o644): Sabotage {
  writeExact(path, text, mode);
  return undoing(() => rmSync(path, { force: true }));
}

/** Changes the mode of a file. */
export function withMode(path: string, mode: number): Sabotage {
  const before = statSync(path).mode & 0o7777;
  chmodSync(path, mode);
  return undoing(() => chmodSync(path, before));
}

/** Changes the owner of a file. */
export function ownedBy(path: string, uid: number, gid: number): Sabotage {
  const before = statSync(path);
  chownSync(path, uid, gid);
  return undoing(() => chownSync(path, before.uid, before.gid));
}

/** Adds a line of sudoers, in a file of the sandbox's own. @throws Error when visudo finds a fault in it */
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

/** Changes an account. @param option of usermod. @param back the value to restore */
export async function usermod(name: string, option: string, value: string, back: string): Promise<Sabotage> {
  await inTurn('usermod', option, value, name);
  return undoing(async () => inTurn('usermod', option, back, name));
}

/** Adds an account to a group. */
export async function inGroup(name: string, group: string): Promise<Sabotage> {
  await inTurn('gpasswd', '-a', name, group);
  return undoing(async () => inTurn('gpasswd', '-d', name, group));
}

/** Changes the policy's file; the keeper reads it only when it starts. */
export function withConfig(host: Host, change: (config: Record<string, unknown>) => object): Sabotage {
  const before = host.config;
  host.writeConfig(change(structuredClone(before) as Record<string, unknown>));
  return undoing(() => host.writeConfig(before));
}
