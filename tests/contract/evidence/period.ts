// Makes the archive of a period out of a journal that the product's writer wrote, and others that were made of it.
import { expect } from '@jest/globals';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { hashOf, printVerifierKey } from '../../../src/adapters/journal/checkpoints.ts';
import { sha256 } from '../../../src/adapters/sha256.ts';
import { parsePeriod } from '../../../src/core/period.ts';
import type { MakeDeps } from '../../../src/evidence/access-files.ts';
import { seePeriod } from '../../../src/evidence/of-host.ts';
import { periodFiles } from '../../../src/evidence/period-files.ts';
import { halfAYear, type PeriodJournal } from '../../harness/period-journal.ts';
import { reader, unpack, verify, verifyPeriodInPython, Workplace, type Outcome } from './verifying.ts';

export const seed = '4711';

/** A journal with a quarter in it, and the archive of that quarter with a sample. */
export class Quarter {
  readonly work = new Workplace();
  journal!: PeriodJournal;
  good: ReadonlyMap<string, Buffer> = new Map();

  async make(): Promise<void> {
    this.journal = await halfAYear(this.work.next('half'));
    this.good = await this.filesOf('2026-Q3', { count: 2, seed });
  }

  get key(): string {
    return printVerifierKey(this.journal.options.key);
  }

  /** The files of a period, all in memory, so that a test can change them. */
  async filesOf(
    name: string,
    sampling?: { readonly count: number; readonly seed: string },
    journal = this.journal,
  ): Promise<Map<string, Buffer>> {
    const period = parsePeriod(name);
    if (period === undefined) throw new Error(`${name} is no period`);
    const { view, found } = await seePeriod(journal.options, period);
    const work = this.work.next('files');
    mkdirSync(work);
    const deps: MakeDeps = {
      ...{ view, sha256: hashOf, now: Date.parse('2026-11-02') },
      readers: [reader('verify.sh'), reader('VERIFY.md')],
      recording: (_, file) => {
        const path = `${journal.recordings}/${file}.zst`;
        const ending = '.cast.zst' as const;
        return Promise.resolve(existsSync(path) ? { path, ending, bytes: statSync(path).size } : undefined);
      },
    };
    const files = await periodFiles(deps, { period, found, sampling, work, digest: sha256 });
    await view.close();
    return new Map(
      files.map(({ name: one, content }) => [one, Buffer.isBuffer(content) ? content : readFileSync(content.path)]),
    );
  }

  changed(name: string, change: (text: string) => string): Map<string, Buffer> {
    const before = this.textOf(name);
    const after = change(before);
    if (after === before) throw new Error(`${name} was not changed`);
    return new Map(this.good).set(name, Buffer.from(after));
  }

  textOf(name: string): string {
    return this.good.get(name)?.toString() ?? '';
  }

  /** The record that holds this, as its line. */
  lineWith(text: string, event: string): string {
    const found = this.textOf('records.jsonl')
      .split('\n')
      .find((line) => line.includes(text) && line.includes(`"event":"${event}"`));
    if (found === undefined) throw new Error(`no ${event} has ${text}`);
    return found;
  }

  /** A record that is not shown: its hash stands with the others, as if it were of something else. All that is derived is made anew. */
  hiding(line: string, files: ReadonlyMap<string, Buffer> = this.good): Map<string, Buffer> {
    const index = (JSON.parse(line) as { n: number }).n - 1;
    const hash = createHash('sha256').update(`\0${line}`, 'latin1').digest('hex');
    const rows = [...(files.get('tree/0')?.toString().split('\n').slice(0, -1) ?? []), `${String(index)} ${hash}`];
    rows.sort((a, b) => parseInt(a, 10) - parseInt(b, 10));
    const without = (files.get('records.jsonl')?.toString() ?? '').replace(`${line}\n`, '');
    return new Map(files).set('tree/0', Buffer.from(`${rows.join('\n')}\n`)).set('records.jsonl', Buffer.from(without));
  }

  /** What both verifiers say. */
  async both(files: ReadonlyMap<string, Buffer>, ...options: readonly string[]): Promise<readonly [Outcome, Outcome]> {
    const tar = await this.work.archive(files);
    const folder = await unpack(this.work, tar);
    return Promise.all([verify(tar, ...options), verifyPeriodInPython(folder)]);
  }

  /** Both verifiers say no, although the list of digests was made anew. @returns what the script said */
  async refused(files: ReadonlyMap<string, Buffer>): Promise<string> {
    const [script, second] = await this.both(files);
    expect(script).toEqual({ code: 1, said: expect.stringContaining('NOT VERIFIED: ') });
    expect(second).toMatchObject({ code: 1 });
    return script.said;
  }
}
