// Waits of start and stop that are bounded and named.
import { expect, test } from '@jest/globals';
import { named, within } from '../../../src/keeper/concurrency/time-limit.ts';

interface Said {
  readonly event: string;
  readonly step?: unknown;
}

function listener() {
  const said: Said[] = [];
  const say = (event: string, fields: Readonly<Record<string, unknown>> = {}): void =>
    void said.push({ event, ...fields });
  return { said, log: { warn: say, error: say } };
}

test('a step that ends in time is waited for, and its failure is the caller’s', async () => {
  const { said, log } = listener();
  await within(log, 'close', 60_000, Promise.resolve());
  await expect(within(log, 'close', 60_000, Promise.reject(new Error('full')))).rejects.toThrow('full');
  expect(said).toEqual([]);
});

test('a step that does not end is named and gone by; when it fails after all, the log says so', async () => {
  const { said, log } = listener();
  const step = Promise.withResolvers<undefined>();
  await within(log, 'redis', 1, step.promise);
  expect(said).toEqual([{ event: 'step-not-awaited', step: 'redis', limitMs: 1 }]);
  step.reject(new Error('at last'));
  await step.promise.catch(() => undefined);
  await new Promise(setImmediate);
  expect(said.at(-1)).toMatchObject({ event: 'step-failed', step: 'redis' });
});

test('a step that nothing may go ahead of is named while it takes long', async () => {
  const { said, log } = listener();
  const step = Promise.withResolvers<string>();
  const heard = Promise.withResolvers<undefined>();
  const warn: typeof log.warn = (event, fields) => {
    log.warn(event, fields);
    heard.resolve(undefined);
  };
  const taken = named({ ...log, warn }, 'open', step.promise, 1);
  await heard.promise;
  step.resolve('open');
  expect(await taken).toBe('open');
  expect(said[0]).toEqual({ event: 'step-takes-long', step: 'open' });
});
