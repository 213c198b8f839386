// Runs the host's own tools: useradd(8), visudo(8), sshd(8), systemctl(1).
//
// 1. A tool is searched in root's folders only, gets a fixed environment, and is killed after a time limit. Attack: a changed PATH.
// 2. Arguments are a list, never a line for a shell (law 9).
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { toolMissing, toolFailed } from '../core/messages/setup-faults.ts';
import { sanitizeLine } from '../core/text.ts';
import { SetupFault } from './fault.ts';

const folders = ['/usr/sbin', '/usr/bin', '/sbin', '/bin'];
const env = { PATH: folders.join(':'), LANG: 'C.UTF-8' };
const toolMs = 60_000;
const outputLimit = 1024 * 1024;

/** What a tool printed, and its exit status; -1 when it was killed. */
export interface Told {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** The path of a tool (rule 1); undefined when it is not installed. */
export function toolPath(name: string): string | undefined {
  return folders.map((folder) => `${folder}/${name}`).find((path) => existsSync(path));
}

/** Runs a tool to its end, whatever its exit status. @throws SetupFault when it is not installed */
export async function ask(name: string, args: readonly string[], input = ''): Promise<Told> {
  const path = toolPath(name);
  if (path === undefined) throw new SetupFault(toolMissing(name));
  const child = spawn(path, args, { env, cwd: '/', timeout: toolMs, killSignal: 'SIGKILL' });
  const said = { out: '', err: '' };
  const hear = (to: 'out' | 'err') => (text: string) => void (said[to] = (said[to] + text).slice(0, outputLimit));
  child.stdout.setEncoding('utf8').on('data', hear('out'));
  child.stderr.setEncoding('utf8').on('data', hear('err'));
  child.stdin.on('error', () => undefined).end(input);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code: code ?? -1, ...said }));
  });
}

/** Runs a tool that must succeed. @returns what it printed. @throws SetupFault with what it said when it fails */
export async function must(name: string, args: readonly string[], input = ''): Promise<string> {
  const { code, out, err } = await ask(name, args, input);
  if (code !== 0) throw new SetupFault(toolFailed([name, ...args].join(' '), lastLine(err) || lastLine(out)));
  return out;
}

/** The last line of an output that says something, filtered. */
export function lastLine(text: string): string {
  return sanitizeLine(text.trim().split('\n').at(-1) ?? '', 300);
}

/** Whether systemd runs this host (sd_booted(3)). */
export function isBooted(): boolean {
  return existsSync('/run/systemd/system');
}
