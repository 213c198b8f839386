import { expect, test } from '@jest/globals';
import type { Journal } from '../../../src/adapters/journal/journal.ts';
import { events, eventTopics } from '../../../src/core/events/events.ts';
import { noticeFields } from '../../../src/core/events/notice-fields.ts';
import type { Field, Fields } from '../../../src/core/events/field.ts';
import { faultsOfRecord } from '../../harness/journal-table.ts';
import type { Owed } from '../../../src/core/owed.ts';

test('a record is held against the table: its event, and each of its fields', () => {
  const record = { n: 1, prev: '0', at: '', host: 'prod-box', seal: '', event: 'link-issued', ...link, ends: 1.8e12 };
  expect(faultsOfRecord(record)).toEqual([]);
  expect(faultsOfRecord({ ...record, happened: '2026-03-01 03:12:09 UTC' })).toEqual([]);
  expect(faultsOfRecord({ n: 1, event: 'link-issued', shortened: 'fields left out: too long' })).toEqual([]);
  expect(faultsOfRecord({ ...record, event: 'link-isued' })).toEqual(['link-isued: is not in the table']);
  expect(faultsOfRecord({ ...record, ends: 'soon', more: 1 })).toEqual([
    'link-issued: ends is no instant, ms: "soon"',
    'link-issued: more is not in the table',
  ]);
  expect(faultsOfRecord({ n: 1, event: 'link-issued', ...link })).toEqual(['link-issued: ends is missing']);
});

test('lists, groups, null, words, and the name of a field that every record has', () => {
  const use = { code: 'C1', login: 'alice', session: 'prod-db', grant: 'G1' };
  expect(faultsOfRecord({ event: 'break-glass-unfinished', ...use, at: '', at_: 1.8e12 })).toEqual([]);
  expect(faultsOfRecord({ event: 'opened', head: null })).toEqual([]);
  const one = { pid: 1, comm: 'sh', uid: 0, ageSeconds: 1 };
  const stray = { event: 'stray-ended', kind: 'c', id: 'C1', killed: [one, '… 3 more'] };
  expect(faultsOfRecord(stray)).toEqual([]);
  expect(faultsOfRecord({ ...stray, kind: 'x', killed: [{ ...one, pid: '1' }] })).toEqual([
    'stray-ended: kind is no one of: "x"',
    'stray-ended: killed[0].pid is no number: "1"',
  ]);
  const given = { target: 'https://chat.example.com', problem: '500' };
  const notice = { event: 'locked', host: 'prod-box', login: 'alice' };
  expect(faultsOfRecord({ event: 'notice-failed', ...given, notice })).toEqual([]);
  expect(faultsOfRecord({ event: 'notice-failed', ...given, notice: { ...notice, link: 'x' } })).toEqual([
    'notice-failed: notice.link is not in the table',
  ]);
});

const journal: Pick<Journal, 'write'> = { write: async () => Promise.resolve() };
const link = { request: 'K7QF2M', session: 'prod-db', login: 'alice' };

test('the compiler takes no event and no field that is not in the table, and no event without its fields', async () => {
  await journal.write('link-issued', { ...link, ends: 1 });
  await journal.write('link-issued', { ...link, ends: 1, host: 'prod-box' });
  // @ts-expect-error unknown event
  await journal.write('link-isued', { ...link, ends: 1 });
  // @ts-expect-error missing field
  await journal.write('link-issued', link);
  // @ts-expect-error wrong type
  await journal.write('link-issued', { ...link, ends: '1' });
  // @ts-expect-error misspelt optional field
  await journal.write('withdrawn', { request: 'K7QF2M', login: 'alice', wy: 'the login was locked' });
  const spread = { ...link, ends: 1, more: true };
  // @ts-expect-error a field more, from elsewhere
  await journal.write('link-issued', spread);
  // @ts-expect-error unknown event
  const owed: Owed = { event: 'revokd', is: { grant: 'G1' }, facts: {} };
  expect(owed.is).toEqual({ grant: 'G1' });
});

test('each event is told once', () => {
  const told = Object.values(eventTopics).flatMap((topic) => Object.keys(topic));
  expect(told.sort()).toEqual(Object.keys(events).sort());
});

function all(fields: Fields): readonly Field<unknown>[] {
  return Object.values(fields).flatMap((field) => [
    field,
    ...(field.parts === undefined ? [] : all(field.parts)),
    ...(field.item === undefined ? [] : all({ item: field.item })),
  ]);
}

test('each is described: an event by whole sentences, a field by what it is', () => {
  const specs = Object.values(events);
  for (const { about } of specs) expect(about).toMatch(/^[A-Z].*\.$/);
  const fields = [...specs.flatMap((spec) => all(spec.fields)), ...all(noticeFields)];
  for (const { about } of fields) expect(about).toMatch(/^[^A-Z].*[^.]$/s);
});
