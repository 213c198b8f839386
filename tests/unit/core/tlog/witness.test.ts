// The rules of a witness (src/core/tlog/witness.ts, C2SP tlog-witness), and the text of its key (vkey.ts).
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { encodeBase64 } from '../../../../src/core/tlog/base64.ts';
import { printCheckpoint } from '../../../../src/core/tlog/checkpoint.ts';
import {
  consistencyProof,
  emptyFrontier,
  leafHash,
  rootOf,
  withLeaf,
  type Frontier,
  type Hash,
  type Tree,
} from '../../../../src/core/tlog/merkle.ts';
import { cosignedMessage, printNote, readNote, type Note } from '../../../../src/core/tlog/note.ts';
import { printVerifierKey, readVerifierKey } from '../../../../src/core/tlog/vkey.ts';
import {
  cosignatureLine,
  judge,
  printCheckpointRequest,
  readCheckpointRequest,
  requestLimit,
  withCosignature,
  witnessesOf,
  type CheckpointRequest,
  type KnownLog,
} from '../../../../src/core/tlog/witness.ts';
import { checks, newKey } from './signer.ts';

const { sha256 } = checks;
const origin = 'tmux-gate/prod-box';
const log = newKey(origin, 'note');
const stranger = newKey(origin, 'note');
const witness = newKey('tmux-gate/prod-web', 'cosignature');
const other = newKey('tmux-gate/prod-app', 'cosignature');

/** A log of these records, each of its sizes. */
class TestLog {
  readonly #hashes = new Map<string, Hash>();
  readonly #frontiers: Frontier[] = [emptyFrontier];

  constructor(records: readonly string[]) {
    for (const record of records) {
      const next = withLeaf(
        sha256,
        this.#frontiers.at(-1) as Frontier,
        leafHash(sha256, record),
        (level, index, hash) => this.#hashes.set(`${level} ${index}`, hash),
      );
      this.#frontiers.push(next);
    }
  }

  head(size: number) {
    return { size, root: rootOf(sha256, this.#frontiers[size] as Frontier) };
  }

  tree(size: number): Tree {
    return { sha256, size, hash: (level, index) => this.#hashes.get(`${level} ${index}`) as Hash };
  }

  note(size: number, signer = log, name = origin): Note {
    const text = printCheckpoint({ origin: name, ...this.head(size), extensions: [] });
    return { text, signatures: [signer.line(text)] };
  }

  ask(old: number, size: number, given: Partial<CheckpointRequest> = {}): string {
    const proof = old > 0 && old <= size ? consistencyProof(this.tree(size), old) : [];
    return printCheckpointRequest({ old, proof, checkpoint: printNote(this.note(size)), ...given });
  }
}

const records = Array.from({ length: 40 }, (_, n) => `record ${n + 1}`);
const honest = new TestLog(records);
/** The same host's key, with one record written anew. */
const edited = new TestLog(records.map((record) => (record === 'record 7' ? 'record 7, and not so' : record)));
const second = new TestLog(records.map((record) => `a second history: ${record}`));

const known = (size: number | undefined): readonly KnownLog[] => [
  { origin: 'tmux-gate/prod-db', keys: [], last: undefined },
  { origin, keys: [log.key], last: size === undefined ? undefined : honest.head(size) },
];
const said = (logs: readonly KnownLog[], text: string): object => {
  const judged = judge(checks, logs, text);
  return {
    status: judged.status,
    ...('size' in judged ? { size: judged.size } : {}),
    ...('contradiction' in judged ? { contradiction: judged.contradiction } : {}),
  };
};

describe('a request', () => {
  test('is read as it was printed', () => {
    const request = { old: 7, proof: consistencyProof(honest.tree(40), 7), checkpoint: printNote(honest.note(40)) };
    expect(readCheckpointRequest(printCheckpointRequest(request))).toEqual(request);
    expect(readCheckpointRequest(honest.ask(0, 3))).toEqual({
      old: 0,
      proof: [],
      checkpoint: printNote(honest.note(3)),
    });
  });

  test('has one form, and a limit', () => {
    const hash = encodeBase64(sha256('x'));
    const many = (count: number): string => `old 1\n${`${hash}\n`.repeat(count)}\n${printNote(honest.note(3))}`;
    expect(readCheckpointRequest(many(63))?.proof).toHaveLength(63);
    for (const text of [
      ...['', '\n\n', 'old 1', 'old 01\n\nx\n', 'old -1\n\nx\n', 'Old 1\n\nx\n', 'old 1\nshort\n\nx\n', many(64)],
      `old 0\n\n${'x'.repeat(requestLimit)}`,
    ])
      expect(readCheckpointRequest(text)).toBeUndefined();
  });
});

describe('a witness', () => {
  test('cosigns the first checkpoint of a log that it knows, and whatever continues the last one', () => {
    expect(said(known(undefined), honest.ask(0, 5))).toEqual({ status: 200 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 40 }), (a, b) => {
        const [old, size] = [Math.min(a, b), Math.max(a, b)];
        const judged = judge(checks, known(old), honest.ask(old, size));
        expect(judged).toMatchObject({ status: 200, checkpoint: honest.head(size), note: honest.note(size) });
      }),
    );
  });

  test('answers 400 to what is no request, 404 to an origin that it does not know, 403 to a key that it does not trust', () => {
    expect(said(known(3), 'nothing')).toEqual({ status: 400 });
    expect(said(known(3), 'old 3\n\nnothing\n')).toEqual({ status: 400 });
    expect(said(known(3), `old 3\n\n${printNote({ ...honest.note(3), text: 'x\n' })}`)).toEqual({ status: 400 });
    expect(said(known(3), honest.ask(9, 8))).toEqual({ status: 400 });
    const elsewhere = printNote(honest.note(5, log, 'tmux-gate/prod-xyz'));
    expect(said(known(3), honest.ask(3, 5, { checkpoint: elsewhere }))).toEqual({ status: 404 });
    expect(said(known(3), honest.ask(3, 5, { checkpoint: printNote(honest.note(5, stranger)) }))).toEqual({
      status: 403,
    });
  });

  test('answers 409 with the size when the log is wrong about the last one, and sees no contradiction in it', () => {
    expect(said(known(3), honest.ask(0, 5))).toEqual({ status: 409, size: 3 });
    expect(said(known(3), honest.ask(4, 5))).toEqual({ status: 409, size: 3 });
    expect(said(known(undefined), honest.ask(4, 5))).toEqual({ status: 409, size: 0 });
  });

  test('keeps no signature but that of the log', () => {
    const note = honest.note(5);
    const more = { ...note, signatures: [witness.cosign(note.text, 1), ...note.signatures, stranger.line(note.text)] };
    const judged = judge(checks, known(3), honest.ask(3, 5, { checkpoint: printNote(more) }));
    expect(judged).toMatchObject({ status: 200, note });
  });

  test('wants no proof with the first checkpoint', () => {
    expect(said(known(undefined), honest.ask(0, 5, { proof: [sha256('x')] }))).toEqual({ status: 422, size: 0 });
  });

  describe('never cosigns, whatever root of the host signs with its key', () => {
    test.each([
      [
        'a record written anew, in a log that grew',
        edited.ask(20, 30),
        { status: 422, size: 20, contradiction: 'not-continued' },
      ],
      ['the same, with as many records', edited.ask(20, 20), { status: 409, size: 20, contradiction: 'other-root' }],
      ['the same, and another size is told', edited.ask(0, 20), { status: 409, size: 20, contradiction: 'other-root' }],
      ['the last record cut off', honest.ask(19, 19), { status: 409, size: 20, contradiction: 'smaller' }],
      ['the same, and the last size is told', honest.ask(20, 19), { status: 400, size: 20, contradiction: 'smaller' }],
      ['files of the day before', honest.ask(2, 2), { status: 409, size: 20, contradiction: 'smaller' }],
      ['a second history, still short', second.ask(0, 3), { status: 409, size: 20, contradiction: 'smaller' }],
      ['a second history, longer', second.ask(20, 40), { status: 422, size: 20, contradiction: 'not-continued' }],
      ['no proof', honest.ask(20, 30, { proof: [] }), { status: 422, size: 20, contradiction: 'not-continued' }],
    ])('%s', (_, ask, judged) => {
      expect(said(known(20), ask)).toEqual(judged);
    });
  });
});

describe('a cosignature', () => {
  const note = honest.note(5);
  const time = 1_790_000_000;
  const line = cosignatureLine(sha256, witness.key, time, witness.sign(cosignedMessage(note.text, time)));

  test('is added to the note, once for each key, the newest', () => {
    const cosigned = withCosignature(checks, note, line, witness.key) as Note;
    expect(readNote(printNote(cosigned))).toEqual(cosigned);
    expect(witnessesOf(checks, cosigned, [log.key, witness.key])).toEqual([
      { name: witness.key.name, at: time * 1000 },
    ]);
    const later = witness.cosign(note.text, time + 60);
    const again = printNote({ ...note, signatures: [later, other.cosign(note.text, time)] }).split('\n\n')[1] ?? '';
    const renewed = withCosignature(checks, cosigned, again, witness.key) as Note;
    expect(renewed.signatures).toEqual([...note.signatures, later]);
    const both = withCosignature(checks, renewed, again, other.key) as Note;
    expect(witnessesOf(checks, both, [witness.key, other.key])).toHaveLength(2);
  });

  test('of another key, of another checkpoint, or that is none, is not', () => {
    expect(withCosignature(checks, note, line, other.key)).toBeUndefined();
    expect(withCosignature(checks, honest.note(6), line, witness.key)).toBeUndefined();
    expect(withCosignature(checks, note, '<html>', witness.key)).toBeUndefined();
    expect(withCosignature(checks, note, printNote(note).split('\n\n')[1] ?? '', log.key)).toBeUndefined();
  });

  test('that does not hold leaves a note without witnesses', () => {
    const forged: Note = { ...note, signatures: [...note.signatures, witness.cosign(honest.note(6).text, time)] };
    expect(witnessesOf(checks, forged, [log.key, witness.key])).toEqual([]);
    expect(witnessesOf(checks, note, [log.key, witness.key])).toEqual([]);
  });
});

describe('the text of a key', () => {
  test('is read as it was printed', () => {
    for (const { key } of [log, witness]) expect(readVerifierKey(sha256, printVerifierKey(sha256, key))).toEqual(key);
    // Of C2SP signed-note.
    const known = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW';
    expect(readVerifierKey(sha256, known)).toMatchObject({ name: 'PeterNeumann', kind: 'note' });
  });

  test('is refused when its id is of another key, when it is of another kind, or when it is none', () => {
    const text = printVerifierKey(sha256, witness.key);
    const [name = '', id = '', encoded = ''] = text.split('+', 3);
    const whole = text.slice(name.length + id.length + 2);
    for (const wrong of [
      ...['', name, `${name}+${id}`, `${name}+00000000+${whole}`, `a b+${id}+${whole}`, `${name}x+${id}+${whole}`],
      ...[`${name}+${id}+${encodeBase64('\u0006'.padEnd(33, 'k'))}`, `${name}+${id}+${encodeBase64('\u0004k')}`],
      ...[`${name}+${id}+${encoded.slice(0, 5)}`, `${'n'.repeat(600)}+${id}+${whole}`],
    ])
      expect(readVerifierKey(sha256, wrong)).toBeUndefined();
  });
});
