// The formats of C2SP in which the journal's tree is kept and handed on (src/core/tlog: base64, note, checkpoint, proof, tiles).
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createHash } from 'node:crypto';
import { decodeBase64, encodeBase64 } from '../../../../src/core/tlog/base64.ts';
import { printCheckpoint, readCheckpoint, readCount, readHash } from '../../../../src/core/tlog/checkpoint.ts';
import {
  cosignatureBytes,
  keyIdOf,
  printNote,
  readNote,
  signersOf,
  type Note,
} from '../../../../src/core/tlog/note.ts';
import { printProof, readProof } from '../../../../src/core/tlog/proof.ts';
import { hashesAt, placeOf, tileBytes, tilePath } from '../../../../src/core/tlog/tiles.ts';
import { bytesOf, checks, newKey } from './signer.ts';

const hash = (text: string): string => checks.sha256(text);
const log = newKey('tmux-gate/prod-box', 'note');
const witness = newKey('tmux-gate/prod-web', 'cosignature');
const stranger = newKey('tmux-gate/prod-box', 'note');
const text = printCheckpoint({ origin: 'tmux-gate/prod-box', size: 7, root: hash('root'), extensions: [] });
const note: Note = { text, signatures: [log.line(text), witness.cosign(text, 1_790_000_000)] };
const signers = (given: Note, keys = [log.key, witness.key]) =>
  signersOf(checks, given, keys)?.map(({ key, at }) => [key.name, at]);

describe('base64', () => {
  test('is that of RFC 4648, there and back', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (array) => {
        const buffer = Buffer.from(array);
        expect(encodeBase64(bytesOf(buffer))).toBe(buffer.toString('base64'));
        expect(decodeBase64(buffer.toString('base64'))).toBe(bytesOf(buffer));
      }),
    );
  });

  test('has one spelling', () => {
    for (const other of ['QQ', 'QQ=', 'QR==', 'QUJ=', 'QQ==\n', ' QQ==', 'QQ==QQ==', 'Q-_=', 'QQ===', '='])
      expect(decodeBase64(other)).toBeUndefined();
    expect([decodeBase64('QQ=='), decodeBase64('')]).toEqual(['A', '']);
  });
});

describe('a signed note', () => {
  test('is read as it was printed, and names who signed', () => {
    expect(readNote(printNote(note))).toEqual(note);
    expect(signers(note)).toEqual([
      ['tmux-gate/prod-box', undefined],
      ['tmux-gate/prod-web', 1_790_000_000_000],
    ]);
  });

  test('of the specification is read, and its key id is the one of name, kind and key', () => {
    const [encoded, name] = ['AAAAAWh0dHA6Ly9leGFtcGxl', 'quasimodo.example/salvatore'];
    const read = readNote(`Ognuno sta solo\n\n\u00e8 subito sera.\n\n\u2014 ${name} ${encoded}\n`);
    expect(read).toMatchObject({ text: 'Ognuno sta solo\n\n\u00e8 subito sera.\n', signatures: [{ name }] });
    const expected = createHash('sha256')
      .update(`${name}\n\u0001`)
      .update(Buffer.from(log.key.publicKey, 'latin1'))
      .digest('latin1');
    expect(keyIdOf(checks.sha256, { ...log.key, name })).toBe(expected.slice(0, 4));
  });

  test('of which a known signature is wrong is refused as a whole; unknown ones prove nothing and harm nothing', () => {
    const changed = { ...note, text: text.replace('7', '8') };
    expect(signers(changed)).toBeUndefined();
    expect(signers({ ...note, signatures: [log.line(text), witness.cosign('else', 5)] })).toBeUndefined();
    expect(signers({ text, signatures: [stranger.line(text)] })).toBeUndefined();
    expect(signers({ text, signatures: [stranger.line('else'), log.line(text), log.line(text)] })).toHaveLength(1);
    expect(signers(note, [witness.key])).toHaveLength(1);
  });

  test('a cosignature holds for its own time alone', () => {
    const [line] = [witness.cosign(text, 1_790_000_000)];
    const later = cosignatureBytes(1_790_000_001, line.signature.slice(8));
    expect(signers({ text, signatures: [{ ...line, signature: later }] })).toBeUndefined();
  });

  test('is read in one way alone', () => {
    const printed = printNote(note);
    const many = printNote({ text, signatures: Array.from({ length: 101 }, () => log.line(text)) });
    for (const wrong of [
      ...['', 'text\n', `${text}\n`, printed.slice(0, -1), `${printed}\n`, printed.replace('\n', '\r\n'), many],
      ...[
        printed.replace('\u2014 ', '- '),
        printed.replace('tmux-gate/prod-web', 'with space'),
        `${printed}\u2014 a b\n`,
      ],
      ...[`${printed.slice(0, -2)}\n`, `${text}\n\u2014 name QUJDRA==\n`, `${'x'.repeat(600_000)}${printed}`],
    ])
      expect(readNote(wrong)).toBeUndefined();
  });
});

describe('a checkpoint', () => {
  test('is read as it was printed', () => {
    for (const extensions of [[], ['policy 1'], ['a', 'b']]) {
      const checkpoint = { origin: 'o', size: 9, root: hash('r'), extensions };
      expect(readCheckpoint(printCheckpoint(checkpoint))).toEqual(checkpoint);
    }
  });

  test('without an origin, with another spelling of its size or root, or an empty line is none', () => {
    const root = encodeBase64(hash('r'));
    for (const wrong of [
      ...['', 'o\n7\n', `\n7\n${root}\n`, `o\n07\n${root}\n`, `o\n-7\n${root}\n`, `o\n7\n${root}`],
      ...[`o\n7\n${root.slice(0, -1)}\n`, `o\n7\nQQ==\n`, `o\n7\n${root}\n\nx\n`, `o\n9007199254740993\n${root}\n`],
    ])
      expect(readCheckpoint(wrong)).toBeUndefined();
    expect([readCount('0'), readCount('00'), readCount('12'), readCount('1e3')]).toEqual([0, undefined, 12, undefined]);
    expect(readHash('QQ==')).toBeUndefined();
  });
});

describe('the proof of a record', () => {
  const proof = { index: 73_894, hashes: [hash('a'), hash('b')], checkpoint: printNote(note) };

  test('is read as it was printed, with or without extra data', () => {
    for (const one of [proof, { ...proof, hashes: [] }]) expect(readProof(printProof(one))).toEqual(one);
    expect(readProof(printProof(proof).replace('\nindex', '\nextra QUJD\nindex'))).toEqual(proof);
  });

  test('in another format is none', () => {
    const printed = printProof(proof);
    for (const wrong of [
      ...['', 'c2sp.org/tlog-proof@v1', printed.replace('@v1', '@v2'), printed.replace('index 7', 'index 07')],
      ...[printed.replace('index', 'number'), printed.replace(/=\n/, '\n'), 'c2sp.org/tlog-proof@v1\n\nnote'],
      printProof({ ...proof, hashes: Array.from({ length: 54 }, () => hash('a')) }),
    ])
      expect(readProof(wrong)).toBeUndefined();
  });
});

describe('tiles', () => {
  test('lie where the specification puts them', () => {
    expect(tilePath({ level: 0, index: 1_234_067 })).toBe('tile/0/x001/x234/067');
    expect(tilePath({ level: 1, index: 0 }, 17)).toBe('tile/1/000.p/17');
    expect(tilePath({ level: 2, index: 999 }, 256)).toBe('tile/2/999');
    expect(tileBytes).toBe(8192);
  });

  test('of a tree of 70,000 are the ones of the specification', () => {
    expect([0, 1, 2].map((level) => hashesAt(level, 70_000))).toEqual([70_000, 273, 1]);
  });

  test('hold every eighth level of the tree', () => {
    expect(placeOf(0, 300)).toEqual({ tile: { level: 0, index: 1 }, at: 44 });
    expect(placeOf(8, 5)).toEqual({ tile: { level: 1, index: 0 }, at: 5 });
    expect(placeOf(3, 5)).toBeUndefined();
  });
});
