// Withdrawing a login's sign-ins (law 5): the bar is on disk first, so that none comes back with a restored Redis.
import type { House } from './house.ts';

export async function forgetSignIns(house: House, login: string): Promise<void> {
  await house.tombstones.bar(login, house.now() + house.config.signIn.lifetimeMs);
  await house.board.forgetSignIns(house.host, login).catch((error: unknown) => {
    house.log.warn('sign-ins-not-on-board', { login, error });
  });
}
