// Who acts in a verb, and what they may see: root on the host sees all; a person sees what is theirs and what they may review.
import type { Duty } from '../../core/on-call.ts';
import type { SignIn } from '../../core/sign-in.ts';
import { sanitizeLine } from '../../core/text.ts';
import type { Conversation } from '../conversation.ts';
import { requireSignIn, type IdentifyDeps } from './identify.ts';
import { isRoot, type Visitor } from './visitor.ts';
import type { OnCall } from './on-call.ts';

export interface ActorDeps extends IdentifyDeps {
  readonly onCall: OnCall;
}

export interface Actor {
  /** Undefined for root on the host. */
  readonly person: SignIn | undefined;
  /** In words that others read. */
  readonly name: string;
  /** Who was on call when they came. */
  readonly duty: Duty;
}

/** @throws Refused when a person does not sign in. */
export async function actorOf(deps: ActorDeps, conversation: Conversation, visitor: Visitor): Promise<Actor> {
  if (isRoot(visitor))
    return {
      person: undefined,
      name: visitor.login === 'root' ? 'root' : `root (${visitor.login})`,
      duty: await deps.onCall.duty([]),
    };
  const person = await requireSignIn(deps, conversation, visitor);
  const name = `${sanitizeLine(person.login, 64)} (${sanitizeLine(person.claim, 120)})`;
  return { person, name, duty: await deps.onCall.duty() };
}
