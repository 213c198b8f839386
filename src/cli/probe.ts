// `probe`: tries from outside, as a gated login, what the gate must refuse. It makes its own connections, needs no root, changes nothing.
//
// 1. Every answer other than a refusal is reported, and what could not be tried is never called safe. Accident: a false "refused".
import { userInfo } from 'node:os';
import type { Where } from '../adapters/ssh/line.ts';
import { keyUnchecked } from '../core/messages/probe-report.ts';
import { asciiJson } from '../core/text.ts';
import { refusalLines } from '../wire/screen-text.ts';
import type { Attempt, Result, Verdict } from './probe/attempt.ts';
import { commandAttempts } from './probe/commands.ts';
import { proofFrom, trustFrom } from './probe/credentials.ts';
import { faults, Unprobed, type Fault } from './probe/fault.ts';
import { forwardAttempts } from './probe/forwards.ts';
import { askHidden } from './probe/passphrase.ts';
import { idleAttempt, requestAttempts } from './probe/requests.ts';
import { firstLook, tryOne, type Seen } from './probe/run.ts';
import { headLines, rowLines, styleOf, sumLines } from './probe/table.ts';

/** The command's options. */
export interface ProbeOptions {
  readonly host: string;
  readonly login?: string | undefined;
  readonly key?: string | undefined;
  readonly port: number;
  readonly hostKey?: string | undefined;
  readonly insecureHostKey: boolean;
  readonly socket: readonly string[];
  readonly idleMs?: number | undefined;
  /** Ids of attempts; empty: all. */
  readonly only: readonly string[];
  readonly timeoutMs: number;
  readonly json?: boolean | undefined;
}

const openExit = 1;
const unknownExit = 75; // EX_TEMPFAIL, sysexits.h: tried again, it may be known

/** Sockets that exist wherever systemd runs, and that every account may open. */
const usualSockets = ['/run/systemd/journal/stdout', '/run/dbus/system_bus_socket'];

/** Runs the attempts and prints the results. @returns the exit code: 0 when all are refused, 1 when one is OPEN, 75 when one is unknown */
export async function probe(options: ProbeOptions): Promise<number> {
  try {
    const attempts = chosen(options);
    const where = await whereOf(options);
    const seen = await firstLook(where);
    return await (options.json === true ? asJson : asTable)(where, seen, tryAll(attempts, where, options));
  } catch (error) {
    if (!(error instanceof Unprobed)) throw error;
    return tell(error.fault, options.json === true);
  }
}

function tell({ code, exit, say, hint }: Fault, json: boolean): number {
  if (json) process.stdout.write(`${asciiJson({ ok: false, error: { code, say, hint } })}\n`);
  else process.stderr.write(`${refusalLines(styleOf(process.stderr), code, say, hint).join('\n')}\n`);
  return exit;
}

/** Where to connect, as whom, and with which keys. @throws Unprobed when something for it is missing */
async function whereOf(options: ProbeOptions): Promise<Where> {
  const [, login, host] = /^(?:(\S+)@)?([A-Za-z0-9_.:-]+)$/.exec(options.host) ?? [];
  if (host === undefined) throw new Unprobed(faults.badHost(options.host));
  const { port, timeoutMs, key } = options;
  const { stdin, env } = process;
  if (options.insecureHostKey) process.stderr.write(keyUnchecked);
  const trust = await trustFrom(options.hostKey, options.insecureHostKey, { host, port });
  const ask = stdin.isTTY ? async (prompt: string) => askHidden(stdin, prompt) : undefined;
  const proof = await proofFrom({ key, agentSocket: env['SSH_AUTH_SOCK'], ask });
  return { host, port, login: options.login ?? login ?? userInfo().username, trust, proof, timeoutMs };
}

/** The attempts that the options name. @throws Unprobed for an unknown id */
function chosen({ idleMs, only }: ProbeOptions): readonly Attempt[] {
  const idle = idleMs === undefined ? [] : [idleAttempt(idleMs)];
  const all = [...commandAttempts, ...forwardAttempts, ...requestAttempts, ...idle];
  const strange = only.find((id) => !all.some((attempt) => attempt.id === id));
  if (strange !== undefined) throw new Unprobed(faults.noSuchAttempt(strange, all));
  return only.length === 0 ? all : all.filter(({ id }) => only.includes(id));
}

async function* tryAll(
  attempts: readonly Attempt[],
  where: Where,
  { idleMs = 0, timeoutMs, socket }: ProbeOptions,
): AsyncGenerator<Result> {
  const sockets = [...socket, ...usualSockets];
  for (const attempt of attempts) {
    const given = { where, sockets, timeoutMs: attempt.id === 'idle' ? idleMs + timeoutMs : timeoutMs };
    yield { attempt, ...(await tryOne(attempt, given)) };
  }
}

/** Prints each result as soon as it is known. */
async function asTable(where: Where, seen: Seen, results: AsyncGenerator<Result>): Promise<number> {
  const style = styleOf(process.stdout);
  const write = (lines: readonly string[]): void => void process.stdout.write(`${lines.join('\n')}\n`);
  const all: Result[] = [];
  write(headLines(style, where, seen));
  for await (const result of results) {
    write(rowLines(style, result));
    all.push(result);
  }
  write(sumLines(style, all));
  return exitOf(all.map(({ verdict }) => verdict));
}

async function asJson({ host, port, login }: Where, seen: Seen, results: AsyncGenerator<Result>): Promise<number> {
  const attempts: object[] = [];
  const verdicts: Verdict[] = [];
  for await (const { attempt, verdict, saw } of results) {
    const { id, tried, means, remedy } = attempt;
    attempts.push({ id, verdict, tried, saw, means, remedy });
    verdicts.push(verdict);
  }
  const exit = exitOf(verdicts);
  process.stdout.write(`${asciiJson({ ok: exit === 0, host, port, login, ...seen, attempts })}\n`);
  return exit;
}

/** The exit code (rule 1). */
function exitOf(verdicts: readonly Verdict[]): number {
  if (verdicts.includes('OPEN')) return openExit;
  return verdicts.includes('unknown') ? unknownExit : 0;
}
