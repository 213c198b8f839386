// What of an access belongs into its evidence: the verifiers find a record, a review or a recording that was left out, and what belongs to
// somebody else, although each record that is there is proved to be in the log.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { zstdCompressSync } from 'node:zlib';
import { castOf, EvidenceLog } from '../harness/evidence-log.ts';
import { Example, filesOf, hex, made, numberIn, started, verify, type Outcome } from './evidence/verifying.ts';

const example = new Example();
const { work, log } = example;
beforeAll(async () => example.make());
afterAll(() => work.close());

describe('what hangs together', () => {
  const of =
    (event: string) =>
    (line: string): boolean =>
      line.includes(`"event":"${event}"`);

  test.each(['requested', 'reviewed', 'granted', 'connected', 'disconnected', 'grant-ended'])(
    'a record left out: %s',
    async (event) => {
      expect(await example.refused(example.leavingOut(of(event)))).toContain('BAD');
    },
  );

  test('a recording that is missing, another one, and one that was purged', async () => {
    const name = 'recordings/CK7QF2M.cast.zst';
    expect(await example.refused(example.without(name))).toContain(
      'it is missing, and no record says that it was purged',
    );
    expect(await example.refused(example.changed(name, zstdCompressSync(castOf(61))))).toContain(
      'not the one that was sealed',
    );
    expect(await example.refused(example.without('recordings/CK7QF2M.ranges'))).toContain(
      'the list of its ranges is missing',
    );
    const purged = new EvidenceLog(work.next('purged'));
    purged.policy().access({ request: 'K7QF2M', start: started, recording: castOf(60) });
    purged.at(Date.parse('2026-07-09T08:07:06Z')).add('recording-purged', {
      connection: 'CK7QF2M',
      by: 'root (bob)',
      reason: 'GDPR request 7',
      file: 'x',
      sha256: hex('x'),
    });
    const files = await filesOf(purged, 'K7QF2M');
    files.delete(name);
    const { code, said } = await verify(await work.archive(files));
    expect(code).toBe(0);
    expect(said).toContain('CK7QF2M: purged on 2026-07-09T08:07:06 UTC by root (bob) because GDPR request 7\n');
  });

  test("another person's record, proved and in the log", async () => {
    const theirs = await filesOf(log, 'ZZZZZZ');
    const line = theirs.get('records.jsonl')?.toString().split('\n').find(of('requested')) ?? '';
    const name = `proofs/${String(numberIn(line))}.tlog-proof`;
    const lines = [...example.records(), line];
    const files = example.changed('records.jsonl', `${lines.join('\n')}\n`);
    expect(await example.refused(new Map(files).set(name, theirs.get(name) ?? Buffer.alloc(0)))).toContain('BAD');
  });

  test('an access that was not over says so, and one that claims to be of long ago does not pass', async () => {
    const live = new EvidenceLog(work.next('live'));
    live.policy().access({ request: 'K7QF2M', start: made - 60_000, isOpen: true });
    const files = await filesOf(live, 'K7QF2M');
    const { code, said } = await verify(await work.archive(files));
    expect([code, said.includes('not over when the file was made')]).toEqual([0, true]);
    const old = new EvidenceLog(work.next('old'));
    old.policy().access({ request: 'K7QF2M', start: started, isOpen: true });
    const late: Outcome = await verify(await work.archive(await filesOf(old, 'K7QF2M')));
    expect(late.said).toContain('should have been over');
    expect(late.code).toBe(1);
  });

  test('break-glass and a rule that approved are told as what they are', async () => {
    const more = new EvidenceLog(work.next('glass'));
    more.policy().access({ request: 'K7QF2M', start: started, breakGlass: true });
    more.access({ request: 'AUTOAA', start: started, auto: 'tickets' });
    // One after another: each writes the tiles of the log.
    const files = [await filesOf(more, 'GK7QF2M'), await filesOf(more, 'AUTOAA')];
    const [glass, auto] = await Promise.all(files.map(async (one) => verify(work.summed(one))));
    expect([glass?.code, glass?.said.includes('BREAK-GLASS by alice')]).toEqual([0, true]);
    expect([auto?.code, auto?.said.includes('by the rule tickets and nobody')]).toEqual([0, true]);
  });
});
