// Withdrawing a login's sign-ins (law 5): the bar is on disk first, so that none comes back with a restored Redis.
import type { House } from './house.ts';

/** @returns how many there were on the board; 0 where it does not say. */
export async function forgetSignIns(house: House, login: string): Promise<number> {
  await house.tombstones.bar(login, house.now() + house.config.signIn.lifetimeMs);
  return house.board.forgetSignIns(house.host, login).catch((error: unknown) => {
    house.log.warn('sign-ins-not-on-board', { login, error });
    return 0;
  });
}
