// What comes after the end of a recording: it is compressed, encrypted where the policy says so, journaled, and the plain file is removed.
//
// 1. In this order: the sealed file is on disk, its record is in the journal, what is remembered of it is written, the plain file goes. Each step
//    can be done again, so a keeper that starts finishes what an earlier one began. Accident: the host loses power, and there is neither
//    file nor digest.
// 2. A recording that is not what the journal has is told to those on call and stays as it is. Attack: the change is sealed, and the file
//    that shows it is removed.
// 3. Of an encrypted recording nothing else stays on disk: no plain file, no draft, no file that is only compressed, and, where there was one
//    such, no text of it in the index of `find`.
import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { removeFile } from '../../adapters/durable.ts';
import type { Journal } from '../../adapters/journal/journal.ts';
import { writeFacts } from '../../adapters/recordings/facts.ts';
import { endings } from '../../adapters/recordings/endings.ts';
import { removeKeptScreens } from '../../adapters/recordings/kept-screens.ts';
import type { SealedFile, SealTask } from '../../adapters/recordings/seal.ts';
import { failures } from '../../core/messages/ends.ts';
import type { Config } from '../../core/policy-types.ts';
import type { Layout } from '../../wire/layout.ts';
import type { Alarms } from '../notices/alarms.ts';
import type { Unsealed } from '../state/unsealed.ts';
import type { SealAnswer } from './sealer.ts';
import { isMissing } from '../../adapters/missing.ts';

export interface SealingDeps {
  readonly layout: Pick<Layout, 'programs'>;
  readonly config: Pick<Config, 'recordings'>;
  readonly journal: Pick<Journal, 'write' | 'records'>;
  readonly alarms: Pick<Alarms, 'raise'>;
  readonly searchIndexing: { forget(): Promise<void> };
  now(): number;
  /** Runs the thread (sealer.ts). @throws Error when it fails */
  readonly seal?: (task: SealTask) => Promise<SealAnswer>;
}

/** Seals a recording that is closed (rules 1 to 3). @throws Refused JOURNAL_DOWN, Error of the system: call it again later */
export async function sealClosed(deps: SealingDeps, recording: Unsealed): Promise<void> {
  const { connection, cuts, file } = recording;
  if (cuts.length === 0 || recording.changed === true) return; // there is nothing to seal; or rule 2, and it was told
  const base = file.slice(0, -endings.plain.length);
  const before = await sealedBefore(deps, recording, base);
  const sealed = before ?? (await sealNow(deps, recording, base));
  if (sealed === undefined) return;
  const { session, login, request, grant } = recording;
  const of = { ...(request === undefined ? {} : { request }), ...(grant === undefined ? {} : { grant }) };
  await writeFacts(base, {
    ...{ connection, session, login, ...of, ended: await endOf(deps, file) },
    ...{ ...sealed, file: basename(sealed.file) },
  });
  const mayBeIndexed = before !== undefined || existsSync(`${base}${endings.sealed}`);
  await removeOthers(base, sealed.file);
  if (!mayBeIndexed || !sealed.file.endsWith(endings.encrypted)) return;
  await deps.searchIndexing.forget();
  await removeKeptScreens(base);
}

/** When it was last written; where it is gone already, now. */
async function endOf(deps: SealingDeps, file: string): Promise<number> {
  return stat(file).then(
    ({ mtimeMs }) => Math.floor(mtimeMs),
    () => deps.now(),
  );
}

async function sealNow(deps: SealingDeps, recording: Unsealed, base: string): Promise<SealedFile | undefined> {
  const { connection, cuts, chain } = recording;
  const recipients = deps.config.recordings.encryptTo;
  const seal = deps.seal ?? (async (task) => inThread(deps.layout, task));
  const answer = await seal({ base, cuts, chain, recipients });
  if ('changed' in answer) {
    const { what, found } = answer.changed;
    deps.alarms.raise(failures.recordingChanged(connection, what));
    await deps.journal.write('recording-changed', { connection, what, bytes: cuts.at(-1) ?? 0, found });
    return undefined;
  }
  await deps.journal.write('recording-sealed', { connection, ...answer.sealed, recipients });
  return answer.sealed;
}

/** What an earlier keeper sealed and journaled, if that file is there (rule 1). */
async function sealedBefore(deps: SealingDeps, recording: Unsealed, base: string): Promise<SealedFile | undefined> {
  const found = await Promise.all([endings.sealed, endings.encrypted].map(async (one) => digestOf(`${base}${one}`)));
  if (found.every((one) => one === undefined)) return undefined;
  let sealed: SealedFile | undefined;
  for await (const record of deps.journal.records(undefined, recording.journal)) {
    if (record['event'] !== 'recording-sealed' || record['connection'] !== recording.connection) continue;
    sealed = found.find((one) => one?.file === record['file'] && one?.sha256 === record['sha256']);
  }
  return sealed;
}

async function digestOf(file: string): Promise<SealedFile | undefined> {
  const hash = createHash('sha256');
  let bytes = 0;
  try {
    for await (const piece of createReadStream(file) as AsyncIterable<Buffer>) {
      hash.update(piece);
      bytes += piece.length;
    }
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
  return { file, bytes, sha256: hash.digest('hex') };
}

/** Rule 3. */
async function removeOthers(base: string, sealed: string): Promise<void> {
  const drafts = [endings.sealed, endings.encrypted].map((one) => `${base}${one}.new`);
  const files = [...drafts, ...Object.values(endings).map((one) => `${base}${one}`)];
  for (const file of files) if (file !== sealed) await removeFile(file);
  await removeKeptScreens(base);
}

const mostMegabytes = 256;

async function inThread({ programs }: Pick<Layout, 'programs'>, task: SealTask): Promise<SealAnswer> {
  const worker = new Worker(join(programs, 'sealer.js'), {
    ...{ workerData: task, env: {}, execArgv: [] },
    resourceLimits: { maxOldGenerationSizeMb: mostMegabytes },
  });
  const { promise, resolve, reject } = Promise.withResolvers<SealAnswer>();
  worker.once('message', (answer: SealAnswer) => resolve(answer));
  worker.once('error', reject);
  worker.once('exit', () => reject(new Error('the thread ended without an answer')));
  try {
    return await promise;
  } finally {
    await worker.terminate();
  }
}
