// The journal, for an auditor: read by root from the file itself, so that it needs no keeper.
import { createReadStream, existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { verifyJournal } from '../adapters/journal-verify.ts';
import { openKeys, sha256, type Keys } from '../adapters/keys.ts';
import { loadConfig } from '../config/load.ts';
import { integer, object } from '../core/shape.ts';
import { digestShape } from '../core/request.ts';
import { asciiJson, line } from '../core/text.ts';
import type { Layout } from '../wire/layout.ts';
import { reservedNames } from '../wire/verbs.ts';

const dataError = 65; // EX_DATAERR, sysexits.h
const noInput = 66; // EX_NOINPUT

const headShape = object({ n: integer(0), hash: digestShape });

export async function show(layout: Layout, json: boolean): Promise<number> {
  try {
    const lines = createInterface({ input: createReadStream(`${layout.journal}/journal.jsonl`, 'utf8') });
    for await (const text of lines) process.stdout.write(`${json ? text : readable(text)}\n`);
    return 0;
  } catch {
    return unreadable();
  }
}

function readable(text: string): string {
  const { n, at, event, ...rest } = JSON.parse(text) as Record<string, unknown>;
  const facts = { ...rest, prev: undefined, host: undefined };
  return `${String(n).padStart(5)}  ${String(at)}  ${String(event).padEnd(16)} ${line(asciiJson(facts), 2000)}`;
}

export async function verify(layout: Layout, json: boolean): Promise<number> {
  const keys = existsSync(`${layout.journal}/journal.jsonl`)
    ? await hostKeys(layout).catch(() => undefined)
    : undefined;
  if (keys === undefined) return unreadable();
  const readHead = async (jws: string): Promise<{ n: number; hash: string } | undefined> =>
    (await keys.verify(jws, 'head', headShape))?.value;
  const result = await verifyJournal(layout.journal, readHead, sha256).catch(() => undefined);
  if (result === undefined) return unreadable();
  if (json) process.stdout.write(`${asciiJson(result)}\n`);
  else for (const text of report(result)) process.stdout.write(`${text}\n`);
  return result.ok ? 0 : dataError;
}

async function hostKeys(layout: Layout): Promise<Keys> {
  const { host } = await loadConfig(layout.config, { reservedNames });
  return openKeys({ folder: layout.keys, host, peers: {} });
}

function report(result: Awaited<ReturnType<typeof verifyJournal>>): readonly string[] {
  const verdict = result.ok ? 'The journal is whole' : 'The journal was CHANGED';
  return [
    `${verdict}: ${result.records} records, signed head ${result.head}.`,
    ...(result.torn
      ? ['  It ends in a part of a line, which counts for nothing: left by a crash, or being written.']
      : []),
    ...result.faults.map((fault) => `  line ${fault.line} ${fault.problem}`),
  ];
}

function unreadable(): number {
  process.stderr.write(
    'tmux-gate: the journal cannot be read\nhint: run as root on the host; before its first start there is none\n',
  );
  return noInput;
}
