// Makes a person prove at the provider who they are, by the flow that the policy names or the person picks; here alone it is chosen.
//
// 1. Whichever flow it was, the identity must own the login (check-owner.ts), and the login must not have been locked meanwhile.
// 2. The policy must still say of the provider what it said when the sign-in began. Attack: a provider that a reload took out of the policy
//    vouches for one more person, whose login is then pinned to it.
import type { SignedIn } from '../../adapters/oidc.ts';
import { flowChoice, flowPrompt, noSuchFlow } from '../../core/messages/code-sign-in.ts';
import { signedIn } from '../../core/messages/waiting.ts';
import { Refused } from '../../core/refusal.ts';
import type { Flow } from '../../core/sign-in-flow.ts';
import { sanitizeLine } from '../../core/text.ts';
import type { RunningCount } from '../concurrency/running-limit.ts';
import type { Conversation } from '../conversation.ts';
import { checkOwnLock, type CheckLockDeps } from './check-lock.ts';
import { checkOwner, type CheckOwnerDeps } from './check-owner.ts';
import { codeLogin, type CodeLoginDeps, type Purpose } from './code-login.ts';
import { deviceLogin, type DeviceLoginDeps } from './device-login.ts';
import type { Visitor } from './visitor.ts';

export interface ProveDeps extends CheckLockDeps, CheckOwnerDeps, CodeLoginDeps, DeviceLoginDeps {
  /** Sign-ins that wait for their person, by login. */
  readonly waitingSignIns: RunningCount<string>;
}

/** A completed sign-in, and the flow of it. */
export interface Proved extends SignedIn {
  readonly flow: Flow;
}

/**
 * Asks the person to sign in at the provider, and checks that the login is theirs.
 * @throws Refused MANY_SIGN_INS, CANCELLED, LOCKED, CHANGED_MEANWHILE, what `checkOwner` refuses, or what the flow is refused with
 */
export async function prove(
  deps: ProveDeps,
  conversation: Conversation,
  visitor: Visitor,
  purpose: Purpose,
): Promise<Proved> {
  const flow = await flowOf(deps, conversation);
  return inPlace(deps, visitor.login, async () => {
    const { oidc } = deps.config;
    const proved =
      flow === 'code'
        ? await codeLogin(deps, conversation, visitor, purpose)
        : await deviceLogin(deps, conversation, visitor, purpose.purpose);
    checkOwnLock(deps, visitor); // again: a lock may have come during the wait
    if (deps.config.oidc !== oidc) throw new Refused('CHANGED_MEANWHILE', { host: deps.host }, 'oidc of the policy');
    await checkOwner(deps, visitor.login, proved.identity);
    conversation.note([signedIn(sanitizeLine(proved.identity.claim, 120)), '']);
    return { ...proved, flow };
  });
}

const choices: Readonly<Record<string, Flow>> = { '': 'device', '1': 'device', '2': 'code' };
const mostAnswers = 3;

/** The policy's flow, or the one that the person picks; the device flow when they answer something else all the time. */
async function flowOf({ config }: ProveDeps, conversation: Conversation): Promise<Flow> {
  const { flow } = config.signIn;
  if (flow !== 'both') return flow;
  conversation.note(flowChoice);
  for (let left = mostAnswers; left > 0; left--) {
    const answer = (await conversation.ask(flowPrompt, { kind: 'choice' })).trim();
    const picked = Object.hasOwn(choices, answer) ? choices[answer] : undefined;
    if (picked !== undefined) return picked;
    conversation.note([noSuchFlow]);
  }
  return 'device';
}

/** Sign-ins of one login that may wait at once, for visits and reviews together. Each waits at the provider (M19). */
const mostEach = 4;

/** @throws Refused MANY_SIGN_INS */
async function inPlace<T>(deps: ProveDeps, login: string, task: () => Promise<T>): Promise<T> {
  const { waitingSignIns: waiting } = deps;
  if (waiting.of(login) >= mostEach) throw new Refused('MANY_SIGN_INS', { login, max: mostEach, host: deps.host });
  return waiting.run(login, task);
}
