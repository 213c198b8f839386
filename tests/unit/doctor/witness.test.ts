// What the doctor says of witnesses (src/doctor/witness.ts), and `status` (src/keeper/witness/status.ts).
import { expect, test } from '@jest/globals';
import { witnessChecks, witnessFindings } from '../../../src/doctor/witness.ts';
import type { Scene } from '../../../src/doctor/scene.ts';
import { witnessPart } from '../../../src/keeper/witness/status.ts';
import { chosenPeers, type WitnessingReport } from '../../../src/keeper/witness/witnessing.ts';

const now = Date.parse('2026-11-30T08:00:00Z');
const witness = { ok: true, contradicts: false, lagMs: 0, problem: null };
const fine = { ...witness, name: 'tmux-gate/prod-web', cosigned: 40, at: now - 12_000 };
const away = { ...witness, ok: false, lagMs: 700_000, problem: 'no answer in time' };
const down = { ...away, name: 'witness.example/w1', cosigned: 0, at: null };
const fork = { host: 'prod-app', problem: 'smaller', cosigned: 9, shown: 8 } as const;
const report = (change: Partial<WitnessingReport>): WitnessingReport => ({
  ...{ records: 41, witnesses: [], forks: [] },
  ...change,
});

test('a host alone is told that nobody vouches for its journal', () => {
  expect(witnessFindings(report({}))).toMatchObject([
    { verdict: 'ok', why: expect.stringMatching(/there is no witness/) },
  ]);
  expect(witnessPart(report({}), now)).toEqual({ name: 'witness', level: 'ok', detail: 'no witness' });
});

test('each witness that is not in order has a finding, and so has each fork', () => {
  expect(witnessFindings(report({ witnesses: [fine] }))).toMatchObject([
    { verdict: 'ok', why: 'cosigned by tmux-gate/prod-web' },
  ]);
  const late = { ...fine, problem: 'no answer' };
  expect(
    witnessFindings(report({ witnesses: [fine, late, down, { ...down, problem: null }], forks: [fork] })),
  ).toMatchObject([
    { verdict: 'fail', of: 'prod-app' },
    { verdict: 'warn', why: 'no answer', of: fine.name },
    { verdict: 'fail', why: 'no answer in time', of: down.name },
    { verdict: 'fail', why: 'it has not cosigned the journal for 10 minutes', of: down.name },
  ]);
});

test('status names how far each has come, warns without a cosignature for too long, and is down at a fork', () => {
  expect(witnessPart(report({ witnesses: [fine, down] }), now)).toEqual({
    ...{ name: 'witness', level: 'warn', fix: expect.stringContaining('docs/on-call.md') },
    detail:
      'tmux-gate/prod-web cosigned 40 of 41 records, 12s ago; witness.example/w1 has cosigned nothing (no answer in time)',
  });
  expect(witnessPart(report({ witnesses: [fine], forks: [fork] }), now)).toMatchObject({
    level: 'down',
    detail: expect.stringMatching(/^FORK in the journal of prod-app: .*; tmux-gate\/prod-web cosigned/),
  });
  const other = { ...fine, ok: false, contradicts: true };
  expect(witnessPart(report({ witnesses: [other] }), now)).toMatchObject({ level: 'down' });
});

test('the check is unknown where the keeper does not answer', async () => {
  const [check] = witnessChecks;
  const scene = (answer: string | undefined, root = true): Scene =>
    ({ root, askKeeper: async () => Promise.resolve(answer) }) as unknown as Scene;
  expect(await check?.look(scene(undefined))).toMatchObject([{ verdict: 'unknown' }]);
  expect(await check?.look(scene('{}', false))).toMatchObject([{ verdict: 'unknown' }]);
  expect(await check?.look(scene(JSON.stringify({ witness: report({ witnesses: [fine] }) })))).toMatchObject([
    { verdict: 'ok' },
  ]);
});

test('a host asks the same few peers each time, and another host other ones', () => {
  const peers = Array.from({ length: 40 }, (_, n) => `box-${n}`);
  const chosen = chosenPeers('prod-box', peers);
  expect([chosen.length, chosenPeers('prod-box', peers.toReversed())]).toEqual([8, chosen]);
  expect(chosenPeers('prod-web', peers)).not.toEqual(chosen);
  expect(chosenPeers('prod-box', ['box-1', 'box-2'])).toHaveLength(2);
});
