// One `ssh prod-box`, from the knock to the end: identify -> decide -> ask -> grant -> admit -> watch, a file each.
import type { SignIn } from '../../core/sign-in.ts';
import type { Command } from '../../wire/grammar.ts';
import type { Door } from '../door.ts';
import type { House } from '../house.ts';
import { checkLock } from '../locks.ts';
import { admit } from './admit.ts';
import { glassSeat, type GlassSeat } from './break-glass-seat.ts';
import { ask } from './ask.ts';
import { checkKnock, decide } from './decide.ts';
import { liveGrant } from './grant.ts';
import { signedIn, vouchedForNow, type Visitor } from './identify.ts';
import { lookOn, type Seat } from './look-on.ts';
import { commandOnReturn } from './returning.ts';
import { watch } from './watch.ts';
import { Refused } from '../../core/refusal.ts';

/** @throws Refused at whichever step refuses. */
export async function visit(house: House, door: Door, visitor: Visitor, command: Command): Promise<void> {
  await checkKnock(house, visitor, command);
  const glass = await glassSeat(house, visitor, command);
  const { who, wish, live } = glass ?? (await seatOf(house, door, visitor, command));
  const connection = await admit(house, door, who, visitor, wish, live);
  await watch(house, door, connection);
}

async function seatOf(house: House, door: Door, visitor: Visitor, command: Command): Promise<GlassSeat> {
  const who = await signedIn(house, door, visitor);
  checkLock(house, visitor.login);
  const seat = await lookOn(house, who, visitor, command);
  return { who, ...(seat ?? (await ownSeat(house, door, who, visitor, command))) };
}

/** Under a grant of their own, asked for where there is none. */
async function ownSeat(house: House, door: Door, who: SignIn, visitor: Visitor, command: Command): Promise<Seat> {
  const wish = await decide(house, door, who, visitor, await commandOnReturn(house, visitor, command));
  let live = await liveGrant(house, who, wish.policy.name, wish.mode);
  if (live === undefined) {
    await ask(house, door, await vouchedForNow(house, door, visitor, who), visitor, wish);
    live = await liveGrant(house, who, wish.policy.name, wish.mode);
  }
  if (live === undefined) throw new Refused('GRANT_OVER', { host: house.host, session: wish.policy.name });
  return { wish, live };
}
