// `audit witnessed`: what this host has cosigned of the journals of others, as their witness. The newest note is printed as it is, so that the
// other host, or a machine that has nothing but it, finds out whether a journal is still the one that was cosigned.
import { commandExits } from '../core/exits.ts';
import * as stateFiles from '../adapters/state-file.ts';
import { WitnessedLogs, type Witnessed } from '../adapters/witness/witnessed.ts';
import { asRoot } from '../core/messages/audit.ts';
import { errorLine, errorLines } from '../core/messages/host.ts';
import {
  acceptForkNeedsReason,
  acceptForkUsage,
  contradictionOf,
  forkAccepted,
  forkLine,
  noFork,
  nothingWitnessed,
  notWitnessed,
  unreadableWitnessed,
  witnessedLine,
} from '../core/messages/witness.ts';
import { asciiJson, sanitizeLine } from '../core/text.ts';
import { formatDuration, formatInstant } from '../core/time.ts';
import type { Layout } from '../wire/layout.ts';

interface Seen {
  readonly host: string;
  readonly witnessed: Witnessed;
  /** The notes that were kept, oldest first, and the newest. */
  readonly notes: readonly string[];
}

/**
 * Lists the hosts, or prints the newest note of one host, for a file that `audit verify --checkpoints` reads. The older ones are in the JSON.
 * @returns the exit code: 65 when a journal contradicts what was cosigned, 66 when there is nothing to read
 */
export async function showWitnessed(layout: Layout, host: string | undefined, json: boolean): Promise<number> {
  const seen = await readSeen(layout, host).catch(() => undefined);
  if (seen === undefined) return tell(commandExits.noInput, unreadableWitnessed);
  if (host !== undefined && seen.length === 0) return tell(commandExits.noInput, notWitnessed(sanitizeLine(host, 64)));
  if (json) process.stdout.write(`${asciiJson(seen.map(asJson))}\n`);
  else if (host === undefined) process.stdout.write(seen.length === 0 ? nothingWitnessed : seen.map(lineOf).join(''));
  else for (const { witnessed } of seen) process.stdout.write(witnessed.note);
  const isForked = seen.some(({ witnessed }) => witnessed.contradicting !== undefined);
  if (isForked && host !== undefined && !json)
    process.stderr.write(seen.map((one) => errorLine(lineOf(one).trimEnd())).join(''));
  return isForked ? commandExits.data : 0;
}

async function readSeen(layout: Layout, only: string | undefined): Promise<readonly Seen[]> {
  const logs = new WitnessedLogs(stateFiles, layout.witnessed);
  const hosts = (await logs.hosts()).filter((host) => only === undefined || host === only);
  return Promise.all(
    hosts.map(async (host) => {
      const witnessed = await logs.of(host);
      const kept = await logs.notes(host);
      const isKept = witnessed.note === '' || kept.at(-1) === witnessed.note;
      return { host, witnessed, notes: isKept ? kept : [...kept, witnessed.note] };
    }),
  );
}

function lineOf({ host, witnessed: { size, at, contradicting } }: Seen): string {
  if (contradicting === undefined)
    return `${witnessedLine(host, size, formatDuration(Math.max(0, Date.now() - at)))}\n`;
  const { problem, size: shown, at: since } = contradicting;
  return `${forkLine(host, formatInstant(since), contradictionOf(problem, size, shown))}\n`;
}

function asJson({ host, witnessed: { size, root, at, contradicting }, notes }: Seen): object {
  return { host, records: size, root, at, notes, contradicting: contradicting ?? null };
}

/** Accepts that the journal of a host is another one. @param given the reason @returns the exit code */
export async function acceptFork(layout: Layout, host: string, given: string | undefined): Promise<number> {
  const reason = sanitizeLine(given ?? '', 400).trim();
  if (reason === '') return tell(commandExits.usage, acceptForkNeedsReason, acceptForkUsage(sanitizeLine(host, 64)));
  const logs = new WitnessedLogs(stateFiles, layout.witnessed);
  const [seen] = (await readSeen(layout, host).catch(() => undefined)) ?? [];
  if (seen === undefined) return tell(commandExits.noInput, notWitnessed(sanitizeLine(host, 64)));
  if (seen.witnessed.contradicting === undefined) return tell(commandExits.data, noFork(seen.host));
  const { SUDO_USER: sudoer } = process.env;
  const by = sudoer === undefined ? 'root' : `root (${sanitizeLine(sudoer, 64)})`;
  await logs.accept(seen.host, { size: seen.witnessed.size, by, reason, at: Date.now() });
  process.stdout.write(forkAccepted(by, seen.host));
  return 0;
}

function tell(code: number, say: string, hint = asRoot): number {
  process.stderr.write(errorLines(say, hint));
  return code;
}
