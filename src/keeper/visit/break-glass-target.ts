// A visit under a break-glass grant: who used a code may come back within the window without another code, also with plain `ssh`.
//
// The provider is not asked, because it may be what is down. The grant is enough (law 1); it names the login that used the code.
import { isBreakGlass } from '../../core/break-glass.ts';
import type { Grant, LiveGrant } from '../../core/grant.ts';
import { sessionOf } from '../../core/policy.ts';
import { servesMode, type AccessMode } from '../../core/access-mode.ts';
import type { SignIn } from '../../core/sign-in.ts';
import type { Command } from '../../wire/grammar.ts';
import type { Context } from '../context.ts';
import { planFor, type AttachPlan } from './decide.ts';
import type { Visitor } from '../identity/visitor.ts';

/** A visit's person, plan and grant. */
export interface BreakGlassTarget {
  readonly who: SignIn;
  readonly plan: AttachPlan;
  readonly live: LiveGrant;
}

/** The live break-glass grant of this login. @param mode undefined: whatever the grant was made for. */
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
 * What a plain visit attaches to when its login has a live break-glass grant.
 * @returns undefined when there is none, or when the visit gives a reason or a time, or asks to view: then it is an ordinary visit
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

/** The person whom a break-glass grant lets in, in the form of a sign-in, without groups. */
export function signInByGlass(context: Context, { login, fingerprint }: Visitor, { who, start, end }: Grant): SignIn {
  return { ...who, login, host: context.host, fingerprint, groups: [], issuedAt: start, at: start, until: end };
}
