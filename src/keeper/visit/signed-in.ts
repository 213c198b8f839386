// What the steps of a visit have in common, once its person has signed in.
import type { SignIn } from '../../core/sign-in.ts';
import type { Conversation } from '../conversation.ts';
import type { Visitor } from '../identity/visitor.ts';

/** The conversation, the login, and the person who signed in. */
export interface SignedIn {
  readonly conversation: Conversation;
  readonly visitor: Visitor;
  readonly who: SignIn;
}
