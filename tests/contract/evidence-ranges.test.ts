// The recording in evidence, range by range: whoever changes it makes the list of its ranges, its file or the record of its seal fit.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { constants, zstdCompressSync } from 'node:zlib';
import { castOf, EvidenceLog } from '../harness/evidence-log.ts';
import { Example, filesOf, hex, started } from './evidence/verifying.ts';

const example = new Example();
const { work } = example;
beforeAll(async () => example.make());
afterAll(() => work.close());

const whole = castOf(60);
const [sealed, plain, list] = ['zst', '', ''].map((ending, at) =>
  at === 2 ? 'recordings/CK7QF2M.ranges' : `recordings/CK7QF2M.cast${ending && `.${ending}`}`,
) as [string, string, string];

const ranges = (): string[] => example.textOf(list).split('\n').slice(0, -1);
const listed = (lines: readonly string[]): Buffer => Buffer.from(lines.map((line) => `${line}\n`).join(''));

/** The list for a text that is cut where that of the recording is. */
function rangesOf(text: string): readonly string[] {
  const ends = ranges().map((line) => Number(line.split(' ')[1]));
  return ends.map((to, at) => {
    const [from, end] = [ends[at - 1] ?? 0, at === ends.length - 1 ? text.length : to];
    return `${String(from)} ${String(end)} ${hex(text.slice(from, end))}`;
  });
}

type Files = ReadonlyMap<string, Buffer>;

/** The archive with the recording as a file that is not sealed, and with another list. */
const withPlain = (text: string, lines: readonly string[]): Files =>
  new Map([...example.without(sealed), [plain, Buffer.from(text)], [list, listed(lines)]]);

/** The archive of a log in which the keeper of the host journaled this file as the sealed one. */
async function sealedAs(file: string, content: Buffer): Promise<Files> {
  const lied = new EvidenceLog(work.next('lied'));
  lied.policy().access({ request: 'K7QF2M', start: started, recording: whole });
  const facts = { connection: 'CK7QF2M', file, bytes: content.length, recipients: [] };
  lied.add('recording-sealed', { ...facts, sha256: hex(content) });
  const files = await filesOf(lied, 'K7QF2M');
  files.delete(sealed);
  return files.set(file, content);
}

const swapped = whole.replace('line 7', 'lime 7');
const swap = (lines: readonly string[]): string[] => [lines[1] ?? '', lines[0] ?? '', ...lines.slice(2)];
const notJournaled = 'its ranges are not those that were journaled';

const cases: readonly (readonly [what: string, said: string, files: () => Files | Promise<Files>])[] = [
  ['a range changed, and the list made anew', notJournaled, () => withPlain(swapped, rangesOf(swapped))],
  [
    'a range dropped, from the file and from the list',
    notJournaled,
    () => withPlain(whole.slice(0, Number(ranges()[0]?.split(' ')[1])), ranges().slice(0, 1)),
  ],
  ['two ranges in another order', notJournaled, () => example.changed(list, listed(swap(ranges())))],
  [
    'a gap between two ranges',
    notJournaled,
    () => example.changed(list, listed(ranges().map((line, at) => (at === 1 ? line.replace(/^\d+/, '1') : line)))),
  ],
  ['a list that is missing', 'the list of its ranges is missing', () => example.without(list)],
  [
    'a range changed in a file that was sealed anew',
    'bytes 0 to',
    async () => sealedAs(sealed, zstdCompressSync(swapped)),
  ],
  ['a range changed in a file that is not sealed', 'bytes 0 to', () => withPlain(swapped, ranges())],
  ['a text behind the end', 'what follows byte', () => withPlain(`${whole}[9,"o","more"]\n`, ranges())],
  [
    'another file with the same text',
    'not the one that was sealed',
    () =>
      example.changed(
        sealed,
        zstdCompressSync(whole, {
          params: { [constants.ZSTD_c_compressionLevel]: 1, [constants.ZSTD_c_checksumFlag]: 1 },
        }),
      ),
  ],
  [
    'another encrypted file',
    'not the one that was sealed',
    async () => new Map(await sealedAs(`${sealed}.age`, Buffer.from('x'))).set(`${sealed}.age`, Buffer.from('y')),
  ],
  ['no file, and no record of a purge', 'no record says that it was purged', () => example.without(sealed)],
  [
    'the recording of another connection',
    'belongs to no connection',
    () => example.changed('recordings/CZZZZZZ.cast', whole),
  ],
];

test.each(cases)('%s', async (_, said, files) => {
  expect(await example.refused(await files())).toContain(said);
});
