// History: each request with its reviews, grant, connections and end, from the journal, which no TTL touches (design section 3).
// Read and drawn in a thread of its own (history/worker.ts); here stands who may read what.
import { setTimeout } from 'node:timers/promises';
import { day, second } from '../../core/time.ts';
import type { Command } from '../../wire/grammar.ts';
import type { Door } from '../door.ts';
import { queryOf, scopeOf } from '../history/query.ts';
import type { HistoryAnswer } from '../history/render.ts';
import type { House } from '../house.ts';
import type { Visitor } from '../visit/identify.ts';
import { actorOf } from './actor.ts';

const standardBackMs = 7 * day;
/** An answer that is there sooner is not announced: what reads it by a program has nothing on its standard error. */
const patienceMs = second;

/** @throws Refused BUSY */
export async function history(house: House, door: Door, visitor: Visitor, command: Command): Promise<void> {
  const actor = await actorOf(house, door, visitor);
  const query = queryOf(scopeOf(house, actor), command, house.now(), standardBackMs);
  const login = actor.person === undefined ? undefined : visitor.login;
  const show = async ({ lines, notes }: HistoryAnswer): Promise<void> => {
    door.out(lines);
    if (notes.length > 0) door.note(notes);
    await door.taken();
  };
  const answer = house.history.read(login, query, door.gone, show);
  const isThere = await Promise.race([answer.then(() => true), setTimeout(patienceMs, false, { ref: false })]);
  if (!isThere) await door.wait('Reading the journal', undefined, async () => answer);
}
