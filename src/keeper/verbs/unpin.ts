// Unpin: root says that a login belongs to somebody else from now on. The old person's sign-ins go with the pin.
import type { Command } from '../../wire/grammar.ts';
import type { Door } from '../door.ts';
import { forgetSignIns } from '../forget.ts';
import type { House } from '../house.ts';
import type { Visitor } from '../visit/identify.ts';

export async function unpin(house: House, door: Door, visitor: Visitor, command: Command): Promise<void> {
  const login = command.words[0] ?? '';
  await house.journal.write('unpinned', { login, by: visitor.login });
  const had = await house.pins.remove(login);
  await forgetSignIns(house, login);
  door.out([had ? `Login ${login} is pinned anew at its next sign-in.` : `Login ${login} was not pinned.`]);
}
