// Who acts in a verb, and what they may see: root on the host sees all; a person sees what is theirs and what they may review.
import type { Duty } from '../../core/on-call.ts';
import { mayReview, sessionOf } from '../../core/policy.ts';
import { isSamePerson } from '../../core/identity.ts';
import type { Person } from '../../core/request.ts';
import type { SignIn } from '../../core/sign-in.ts';
import { line } from '../../core/text.ts';
import type { Door } from '../door.ts';
import type { House } from '../house.ts';
import { isRoot, signedIn, type Visitor } from '../visit/identify.ts';

export interface Actor {
  /** Undefined for root on the host. */
  readonly person: SignIn | undefined;
  /** In words that others read. */
  readonly name: string;
  /** Who was on call when they came. */
  readonly duty: Duty;
}

/** @throws Refused when a person does not sign in. */
export async function actorOf(house: House, door: Door, visitor: Visitor): Promise<Actor> {
  if (isRoot(visitor))
    return {
      person: undefined,
      name: visitor.login === 'root' ? 'root' : `root (${visitor.login})`,
      duty: await house.onCall.duty([]),
    };
  const person = await signedIn(house, door, visitor);
  const name = `${line(person.login, 64)} (${line(person.claim, 120)})`;
  return { person, name, duty: await house.onCall.duty() };
}

/** Whether this actor may see, and end, what belongs to `owner` in a session. */
export function mayTouch(house: House, actor: Actor, session: string, owner: Person): boolean {
  if (actor.person === undefined || isSamePerson(actor.person, owner)) return true;
  const policy = sessionOf(house.config, session);
  return policy !== undefined && mayReview(policy, actor.person, actor.duty);
}
