// Who acts in a verb: root on the host, or a person who has signed in. visible.ts says what each may see.
import type { Duty } from '../../core/on-call.ts';
import { personName } from '../../core/person-name.ts';
import type { SignIn } from '../../core/sign-in.ts';
import type { Conversation } from '../conversation.ts';
import { requireSignIn, type IdentifyDeps } from './identify.ts';
import { isRoot, type Visitor } from './visitor.ts';
import type { OnCall } from './on-call.ts';

export interface ActorDeps extends IdentifyDeps {
  readonly onCall: OnCall;
}

/** Who acts, for rights and for what others read. */
export interface Actor {
  /** Undefined for root on the host. */
  readonly person: SignIn | undefined;
  /** As others read it: `root`, or the login with its claim. */
  readonly name: string;
  /** Who was on call when the conversation began. */
  readonly duty: Duty;
}

/**
 * Asks a person to sign in unless a sign-in is remembered; root on the host is not asked.
 * @throws Refused what `requireSignIn` refuses with
 */
export async function actorOf(deps: ActorDeps, conversation: Conversation, visitor: Visitor): Promise<Actor> {
  if (isRoot(visitor))
    return {
      person: undefined,
      name: visitor.login === 'root' ? 'root' : `root (${visitor.login})`,
      duty: await deps.onCall.duty([]),
    };
  const person = await requireSignIn(deps, conversation, visitor);
  const name = personName(person);
  return { person, name, duty: await deps.onCall.duty() };
}
