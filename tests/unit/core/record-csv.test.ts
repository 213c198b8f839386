// A record of the journal as a row of a table.
import { expect, test } from '@jest/globals';
import { recordCells, recordColumns } from '../../../src/core/record-csv.ts';

const row = (record: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> =>
  Object.fromEntries(recordCells(record).map((cell, at) => [recordColumns[at] as string, cell] as const));

test('has what most records have, a person by claim or login, and the rest as JSON, without the proofs', () => {
  const record = {
    ...{ n: 3, at: '2026-11-30T00:00:00.000Z', host: 'prod-box', event: 'connected', login: 'alice', reason: null },
    ...{ identity: { claim: 'alice@example.com' }, by: { login: 'bob' }, session: { odd: 1 } },
    ...{ prev: 'ab', seal: 'cd', lasted: '3m', window: { start: 1 } },
  };
  expect(row(record)).toEqual({
    ...{ n: '3', at: '2026-11-30T00:00:00.000Z', host: 'prod-box', event: 'connected', login: 'alice' },
    ...{ identity: 'alice@example.com', by: 'bob', session: '{"odd":1}', request: '', grant: '', connection: '' },
    ...{ reason: '', why: '', more: '{"lasted":"3m","window":{"start":1}}' },
  });
  expect(row({ n: 1 })['more']).toBe('');
});
