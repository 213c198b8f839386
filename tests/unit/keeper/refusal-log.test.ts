import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { openRefusalLog, type RefusalLog, type RefusedVisit } from '../../../src/keeper/notices/refusal-log.ts';

let ledger: RefusalLog;
let written: { readonly event: string; readonly fields: Record<string, unknown> }[];
let failures: unknown[];
let broken: boolean;
const visit: RefusedVisit = { login: 'alice', address: '10.0.0.7', code: 'NO_PTY', command: '' };

beforeEach(() => {
  jest.useFakeTimers();
  [written, failures, broken] = [[], [], false];
  const write = async (event: string, fields: Record<string, unknown>): Promise<void> => {
    if (broken) throw new Error('disk full');
    written.push({ event, fields });
    return Promise.resolve();
  };
  ledger = openRefusalLog({ write }, (error) => failures.push(error));
});
afterEach(async () => {
  await ledger.close();
  jest.useRealTimers();
});

test('a robot that retries is written once, then counted once a minute', async () => {
  for (let n = 0; n < 500; n++) await ledger.write(visit);
  expect(written).toEqual([{ event: 'refused', fields: visit }]);
  await jest.advanceTimersByTimeAsync(60_000);
  expect(written[1]).toEqual({ event: 'refused-again', fields: { ...visit, times: 499 } });
  await ledger.write(visit);
  expect(written[2]).toEqual({ event: 'refused', fields: visit });
});

test('a login that varies what it types does not fill the journal', async () => {
  for (let n = 0; n < 500; n++) await ledger.write({ ...visit, command: `x${n}` });
  expect(written.length).toBeLessThan(50);
  await ledger.write({ ...visit, login: 'bob' });
  expect(written.at(-1)?.fields['login']).toBe('bob');
});

test('law 7: what was counted is written before the keeper leaves, and a failure to write is told', async () => {
  await ledger.write(visit);
  await ledger.write(visit);
  broken = true;
  await jest.advanceTimersByTimeAsync(60_000);
  expect(failures).toHaveLength(1);
  broken = false;
  await ledger.write(visit);
  await ledger.write(visit);
  await ledger.close();
  expect(written.at(-1)).toMatchObject({ event: 'refused-again', fields: { times: 1 } });
});

test('who listens hears of every refusal, also of those that have no record of their own', async () => {
  const heard: string[] = [];
  ledger.onRefused((code) => heard.push(code));
  broken = true;
  await expect(ledger.write(visit)).rejects.toThrow('disk full');
  for (let n = 0; n < 3; n++) await ledger.write(visit);
  expect(heard).toEqual(['NO_PTY', 'NO_PTY', 'NO_PTY', 'NO_PTY']);
  broken = false;
});
