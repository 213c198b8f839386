// `audit verify`: whether the journal, and the recordings that it has digests of, are what was written.
import { commandExits } from '../core/exits.ts';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { keptCheckpoint, type Kept } from '../adapters/journal/kept.ts';
import { journalName } from '../adapters/journal/read.ts';
import { onDisk, type OnDisk } from '../adapters/journal/segments.ts';
import { verifyJournal, type Verdict } from '../adapters/journal/verify.ts';
import { sha256 } from '../adapters/sha256.ts';
import { acceptedLoss, faultAt, onDiskLine, verifyReport } from '../core/messages/audit.ts';
import { keptReport, logMessages, recordingsNotLooked, recordingsReport } from '../core/messages/audit-log.ts';
import { errorLine } from '../core/messages/host.ts';
import { asciiJson, sanitizeLine } from '../core/text.ts';
import { readProof } from '../core/tlog/proof.ts';
import type { Layout } from '../wire/layout.ts';
import { cosignedLine, keptOf, readOwnCosigned, type Cosigned } from './audit-cosigned.ts';
import { lookedAt, type Elsewhere, type LookedAt } from './audit-log.ts';
import { verifyRecordings, type RecordingsVerdict } from './audit-recordings.ts';
import { tellUnreadable } from './audit.ts';

export interface VerifyChoice extends Elsewhere {
  readonly json: boolean;
  /** Files of checkpoints that somebody kept, or folders of such files. */
  readonly checkpoints: readonly string[];
  /** A folder with the recordings, such as a copy; undefined: those of this host. */
  readonly recordings: string | undefined;
}

/** Verifies the journal and prints the result. @returns the exit code: 0 only where nothing was changed */
export async function verify(layout: Layout, choice: VerifyChoice): Promise<number> {
  const at = await lookedAt(layout, choice);
  if (typeof at === 'number') return at;
  const { recordings: folder } = choice;
  if (folder !== undefined && !(await isFolder(folder))) {
    process.stderr.write(errorLine(logMessages.noFolder(sanitizeLine(folder, 200))));
    return commandExits.noInput;
  }
  const kept = await readKept(choice.checkpoints, at);
  if (kept === undefined) return commandExits.noInput;
  const cosigned = at.outside && (await readOwnCosigned(layout).catch(() => undefined));
  const all = [...kept, ...(cosigned === undefined ? [] : keptOf(cosigned))];
  const result = await verifyJournal({ ...at, sha256, kept: all }).catch(() => undefined);
  if (result === undefined || (at.outside !== undefined && cosigned === undefined)) return tellUnreadable();
  const isToCompare = at.outside !== undefined || folder !== undefined;
  const recordings = isToCompare ? await verifyRecordings({ journal: at.folder, recordings: folder }) : undefined;
  const ok = result.ok && recordings?.ok !== false;
  const disk = onDisk(join(at.folder, journalName));
  const ours = cosigned && { cosigned: { records: cosigned.records, witnesses: cosigned.witnesses } };
  if (choice.json)
    process.stdout.write(`${asciiJson({ ...result, ok, disk, ...ours, ...(recordings && { recordings }) })}\n`);
  else for (const text of report({ result, recordings, cosigned, kept, disk })) process.stdout.write(`${text}\n`);
  return ok ? 0 : commandExits.data;
}

const isFolder = async (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );

/** @returns undefined where a file cannot be read, which is printed */
async function readKept(paths: readonly string[], at: LookedAt): Promise<readonly Kept[] | undefined> {
  const kept: Kept[] = [];
  for (const path of paths) {
    const files = await filesAt(path).catch(() => undefined);
    if (files === undefined) {
      process.stderr.write(errorLine(logMessages.cannotRead(sanitizeLine(path, 200))));
      return undefined;
    }
    for (const { name, text } of files)
      kept.push(await keptCheckpoint(name, readProof(text)?.checkpoint ?? text, at.key.name, at.verifyHead));
  }
  return kept;
}

async function filesAt(path: string): Promise<readonly { readonly name: string; readonly text: string }[]> {
  if (!(await stat(path)).isDirectory()) return [{ name: path, text: await readFile(path, 'utf8') }];
  const entries = await readdir(path, { withFileTypes: true });
  const names = entries.filter((one) => one.isFile()).map(({ name }) => join(path, name));
  return Promise.all(names.sort().map(async (name) => ({ name, text: await readFile(name, 'utf8') })));
}

interface Found {
  readonly result: Verdict;
  readonly recordings: RecordingsVerdict | undefined;
  readonly cosigned: Cosigned | undefined;
  /** The checkpoints that were given. */
  readonly kept: readonly Kept[];
  readonly disk: OnDisk;
}

function report({ result, recordings, cosigned, kept, disk }: Found): readonly string[] {
  const losses = (result.accepted ?? []).map((loss) => sanitizeLine(acceptedLoss(loss), 1000));
  const faults = result.faults.map(({ line, problem }) => faultAt(line, problem));
  return [
    ...verifyReport(result, losses, faults),
    ...(result.kept === undefined || (kept.length === 0 && result.kept.ok) ? [] : keptReport(result.kept)).map((text) =>
      sanitizeLine(text, 400),
    ),
    ...(recordings === undefined ? [recordingsNotLooked] : recordingsReport(recordings)),
    ...(cosigned === undefined ? [] : [cosignedLine(cosigned, result.kept, result.records)]),
    onDiskLine(disk),
  ];
}
