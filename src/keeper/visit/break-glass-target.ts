// A seat under a break-glass grant: who broke in comes back within the window without another code, with plain `ssh` as well.
//
// The provider is not asked: it may be what is down. The grant is the entry (law 1), and it names the login that used the code.
import { isBreakGlass } from '../../core/break-glass.ts';
import type { Grant, LiveGrant } from '../../core/grant.ts';
import { sessionOf } from '../../core/policy.ts';
import { servesMode, type AccessMode } from '../../core/access-mode.ts';
import type { SignIn } from '../../core/sign-in.ts';
import type { Command } from '../../wire/grammar.ts';
import type { Context } from '../context.ts';
import { planFor, type AttachPlan } from './decide.ts';
import type { Visitor } from '../identity/visitor.ts';

export interface BreakGlassTarget {
  readonly who: SignIn;
  readonly plan: AttachPlan;
  readonly live: LiveGrant;
}

/** @param mode undefined: whichever it was opened for. */
export function ownGlass(
  context: Context,
  login: string,
  session: string | undefined,
  mode?: AccessMode,
): LiveGrant | undefined {
  return context.liveGrants
    .all()
    .filter(({ grant }) => isBreakGlass(grant) && grant.who.login === login)
    .filter(({ grant }) => session === undefined || grant.session === session)
    .find(({ grant }) => mode === undefined || servesMode(grant, mode));
}

/**
 * What a plain visit leads to where its login has broken in and the window is open.
 * @returns undefined where there is none, or the visit asks for something else: a reason or a time of its own, or to look on.
 * @throws Refused as any visit to that session would be
 */
export async function breakGlassTarget(
  context: Context,
  visitor: Visitor,
  command: Command,
): Promise<BreakGlassTarget | undefined> {
  const { words, reason, forMs, view } = command;
  if (reason !== undefined || forMs !== undefined || view === true) return undefined;
  const live = ownGlass(context, visitor.login, words[0]);
  const policy = live && sessionOf(context.config, live.grant.session);
  if (live === undefined || policy === undefined) return undefined;
  const plan = await planFor(context, visitor, command, { policy, rule: 'break-glass', mode: policy.mode });
  return { who: signInByGlass(context, visitor, live.grant), plan, live };
}

/** Who a break-glass grant lets in, in the form of a sign-in; in no group. */
export function signInByGlass(context: Context, { login, fingerprint }: Visitor, { who, start, end }: Grant): SignIn {
  return { ...who, login, host: context.host, fingerprint, groups: [], issuedAt: start, at: start, until: end };
}
