// How many follow at once: of a login, of a connection, of the host.
import { expect, test } from '@jest/globals';
import { openDrawings } from '../../../src/keeper/recordings/drawing.ts';
import { codeOf } from './world.ts';

const drawings = () => openDrawings({ host: 'prod-box', layout: { programs: '/nonexistent' } });

/** Holds a place until it is let go. */
function held(all: ReturnType<typeof drawings>, login: string, connection: string) {
  const { promise, resolve } = Promise.withResolvers<string>();
  const task = all.hold({ login, connection }, async () => promise);
  task.catch(() => undefined);
  return { task, leave: () => resolve('left') };
}

test.each([
  ['of a login', 2, (n: number) => ['bob', `C${n}`]],
  ['of a connection', 3, (n: number) => [`b${n}`, 'C1']],
  ['of the host', 8, (n: number) => [`b${n}`, `C${n}`]],
] as const)('law 12: %s at most %i; the next one is refused, until one leaves', async (_, most, place) => {
  const all = drawings();
  const holding = Array.from({ length: most }, (__, n) => held(all, place(n)[0]!, place(n)[1]!));
  const [login, connection] = place(most) as [string, string];
  expect(await codeOf(held(all, login, connection).task)).toBe('FOLLOWERS_FULL');
  await expect(held(all, login, connection).task).rejects.toMatchObject({ names: { max: most } });
  holding[0]?.leave();
  expect(await holding[0]?.task).toBe('left');
  const next = held(all, login, connection);
  next.leave();
  expect(await next.task).toBe('left');
});

test('a place is free again after a task that fails', async () => {
  const all = drawings();
  for (let n = 0; n < 5; n++)
    await expect(
      all.hold({ login: 'bob', connection: 'C1' }, async () => Promise.reject(new Error('no'))),
    ).rejects.toThrow('no');
});
