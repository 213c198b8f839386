// One sign-in by the authorization code flow as a person sees it: the link, and the address at which their browser ended, pasted back.
//
// 1. An address counts only in the conversation that showed its link, once, and for five minutes (issued-states.ts, adapters/oidc-code.ts).
//    Attack: somebody is made to sign in and to hand over the address; it is worth nothing elsewhere.
// 2. Nothing that was pasted is shown, logged, journaled or kept (law 11): an address has the code.
// 3. Only what cannot have used up a code may be pasted again, `tries` times (law 12).
//
// No QR code: the address would be on the phone, and has to be pasted here.
import type { Provider, SignedIn } from '../../adapters/oidc.ts';
import {
  addressPrompt,
  addressSlip,
  askingForLink,
  checkingAddress,
  linkInvitation,
} from '../../core/messages/code-sign-in.ts';
import type { Config } from '../../core/policy-types.ts';
import { Refused, refusal } from '../../core/refusal.ts';
import type { Conversation } from '../conversation.ts';
import type { Issued, IssuedStates, StateFault } from './issued-states.ts';
import { looksCut, readAddress, type Address, type AddressFault } from './redirect-address.ts';
import type { Visitor } from './visitor.ts';

export interface CodeLoginDeps {
  readonly config: Config;
  readonly host: string;
  readonly provider: Provider;
  readonly issuedStates: IssuedStates;
  now(): number;
}

/** What a sign-in is for. */
export interface Purpose {
  /** In our words and ids alone. */
  readonly purpose: string;
  /** The instant (ms since the epoch) after which the person must have signed in at the provider; missing: any live session counts. */
  readonly freshSince?: number;
}

/** How often an address may be pasted. */
const tries = 5;

/**
 * Asks the person to sign in by a link. Whoever completes it is not compared with the login yet (prove.ts).
 * @throws Refused CANCELLED, ADDRESS_*, SIGN_IN_EXPIRED, or a fault of the provider
 */
export async function codeLogin(
  deps: CodeLoginDeps,
  conversation: Conversation,
  visitor: Visitor,
  { purpose, freshSince }: Purpose,
): Promise<SignedIn> {
  const { provider, host } = deps;
  const { redirectUri, authorizeParameters: parameters = {} } = deps.config.oidc;
  const asked = { redirectUri, parameters, ...(freshSince === undefined ? {} : { freshSince }) };
  const login = await conversation.wait(askingForLink, undefined, (signal) => provider.beginByLink(asked, signal));
  const issued = deps.issuedStates.issue(login.state, login.expiresAt);
  try {
    const { link, expiresAt } = login;
    conversation.note(linkInvitation({ host, purpose, link, redirect: redirectUri, tty: visitor.hello.tty }));
    const { parameters: answer } = await beforeEnd(expiresAt - deps.now(), async () =>
      pasted({ deps, conversation, visitor }, issued, expiresAt),
    );
    issued.use();
    return await conversation.wait(checkingAddress, undefined, (signal) => login.complete(answer, signal));
  } finally {
    issued.end();
  }
}

/** @throws Refused SIGN_IN_EXPIRED when the task takes longer */
async function beforeEnd<T>(ms: number, task: () => Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Refused('SIGN_IN_EXPIRED', {}, 'no address came in time')), ms);
  return Promise.race([task(), late.promise]).finally(() => clearTimeout(timer));
}

interface Pasting {
  readonly deps: CodeLoginDeps;
  readonly conversation: Conversation;
  readonly visitor: Visitor;
}

/** The first address that is of this sign-in (rules 1 and 3). */
async function pasted(pasting: Pasting, issued: Issued, until: number): Promise<Address> {
  const { deps, conversation } = pasting;
  const names = { host: deps.host };
  for (let left = tries; ; left--) {
    const text = await ask(pasting);
    if (deps.now() >= until) throw new Refused('SIGN_IN_EXPIRED');
    const read = judge(pasting, issued, text);
    if (typeof read !== 'string') return read;
    if (left <= 1) throw new Refused(read, names);
    conversation.note([addressSlip(read, refusal(read, names).say)]);
  }
}

/** The address, or why it cannot be taken (rule 1). */
function judge({ deps, visitor }: Pasting, issued: Issued, text: string): Address | AddressFault | StateFault {
  if (!visitor.hello.tty && looksCut(text)) return 'ADDRESS_CUT';
  const read = readAddress(text, deps.config.oidc.redirectUri);
  return typeof read === 'string' ? read : (issued.fault(read.state) ?? read);
}

/** One text. Without a terminal, a gate cancels at the end of its input, which is another thing than a person who leaves. */
async function ask({ conversation, visitor }: Pasting): Promise<string> {
  try {
    return await conversation.ask(addressPrompt, { kind: 'paste' });
  } catch (error) {
    const isOver = error instanceof Refused && error.code === 'CANCELLED' && error.cause === undefined;
    throw isOver && !visitor.hello.tty ? new Refused('ADDRESS_NEEDED') : error;
  }
}
