// The tombstones of a host, in memory.
import { Refused } from '../../../src/core/refusal.ts';
import type { Elsewhere, Tombstones } from '../../../src/keeper/state/tombstones.ts';
import { step, type Now, type Pause } from './fakes.ts';

export interface MemoryTombstones extends Tombstones {
  readonly until: Map<string, number>;
  /** While set, nothing is written. */
  full: boolean;
}

export function memoryTombstones(now: Now, pause: Pause): MemoryTombstones {
  const until = new Map<string, number>();
  const others = new Map<string, Elsewhere>();
  const barred = new Map<string, number>();
  const hearing: ((id: string) => void)[] = [];
  const write = async (act: () => void): Promise<void> =>
    step(pause, 'tombstone', () => {
      if (tombstones.full) throw new Refused('DISK_DOWN');
      act();
    });
  const tombstones: MemoryTombstones = {
    ...{ until, full: false },
    has: (id) => until.has(id),
    add: async (id, end, of) =>
      write(() => {
        until.set(id, end);
        if (of !== undefined) others.set(id, of);
      }).then(() => hearing.forEach((hear) => hear(id))),
    elsewhere: () => Array.from(others, ([grantId, of]) => ({ ...of, grantId, end: until.get(grantId) ?? 0 })),
    onAdd: (hear) => hearing.push(hear),
    bar: async (login) => write(() => void barred.set(login, now())),
    barredUntil: (login) => barred.get(login) ?? 0,
  };
  return tombstones;
}
