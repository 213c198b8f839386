// Whether the provider still vouches for those who are in (docs/design.md, "Sign-in"): a refresh token a sign-in, asked again every
// `sign_in.recheck`. An identity that the provider disabled is disconnected within that time; so is a login that sudo's rule
// no longer names, who could not come in anew either (threats H4, M2).
//
// What it says of their groups counts for whoever comes back or is approved (grants/lapse.ts). What it does not say stays as it was.
//
// A refresh token is used once, so an answer that is lost takes the next one with it. That one is under way is on disk before it is sent;
// a token that is refused after an answer that never came cuts nobody: it is forgotten, and their next visit signs in anew (design
// section 4). Attack or accident: the network, or the keeper, dies between the answer and the new token on disk.
//
// Refresh tokens stay in root's own file on this host (law 11); only live connections, and whoever is to be let in, are asked about.
import { setTimeout as sleep } from 'node:timers/promises';
import { readState, removeState, writeState } from '../../adapters/state-file.ts';
import { isSamePerson, mapsTo, type SamePerson, type Vouched } from '../../core/identity.ts';
import { integer, list, object, optional, text } from '../../core/shape.ts';
import type { SignIn } from '../../core/sign-in.ts';
import { forgetSignIns, type ForgetSignInsDeps } from './forget-sign-ins.ts';
import type { Owner } from '../sessions/session-key.ts';
import type { Connections } from '../connections/connections.ts';
import type { Named } from '../../adapters/sudo-rule.ts';
import type { Provider } from '../../adapters/oidc.ts';
import type { Journal } from '../../adapters/journal.ts';

export interface RechecksDeps extends ForgetSignInsDeps {
  readonly connections: Connections;
  sudoNames(login: string): Promise<Named>;
  readonly provider: Provider;
  readonly journal: Journal;
}

/** Characters of a refresh token; with `mostKept` less than a state file may hold. Providers' are about 1,500. */
const longestToken = 8_192;
const mostKept = 390;
const mostRead = 400;
const stateShape = list(
  object({
    issuer: text(2048),
    subject: text(255),
    token: text(longestToken),
    until: integer(0),
    /** Since when an answer about this token is awaited: instant, milliseconds. */
    asked: optional(integer(0)),
  }),
  mostRead,
);
type Kept = NonNullable<ReturnType<typeof stateShape>>[number];

export type Standing = readonly string[] | 'gone' | undefined;

/** What the provider last said of a person, and when it was last asked. */
type Heard = Map<string, { readonly at: number; readonly groups: Standing }>;

export interface Rechecks {
  /** A new sign-in. @param token where the provider gave one. */
  keep(signIn: SignIn, token: string | undefined): Promise<void>;
  /**
   * Which groups the provider says a person is in; undefined where it does not say.
   * @param oldest how long ago it may have said so: milliseconds, `sign_in.recheck` if not given.
   */
  groupsOf(who: Owner, oldest?: number): Promise<Standing>;
  close(): void;
}

export async function openRechecks(
  deps: RechecksDeps,
  path: string,
  everyMs: number,
  now: () => number,
): Promise<Rechecks> {
  let kept: readonly Kept[] = ((await readState(path, stateShape)) ?? []).filter((one) => one.until > now());
  const save = async (): Promise<void> =>
    kept.length === 0 ? removeState(path) : writeState(path, kept, true, stateShape);
  const replace = async (who: SamePerson, next: Kept | undefined): Promise<void> => {
    // Kept, it could not be read again, and no keeper would start.
    if ((next?.token.length ?? 0) > longestToken) deps.log.warn('refresh-token-too-long', { subject: who.subject });
    kept = [
      ...kept.filter((one) => !isSamePerson(one, who) && one.until > now()),
      ...(next === undefined || next.token.length > longestToken ? [] : [next]),
    ].slice(-mostKept);
    await save();
  };
  const heard: Heard = new Map();
  const asking = new Map<string, Promise<void>>();
  const ask: Ask = async (one, login) => {
    const name = nameOf(one);
    const turn = asking.get(name) ?? askOne({ ...deps, heard, replace }, one, login).finally(() => asking.delete(name));
    asking.set(name, turn);
    return turn.catch((error: unknown) => deps.log.warn('recheck-failed', { error }));
  };
  const timer = setInterval(() => {
    askAll(deps, kept, ask);
    void cutUngated(deps);
  }, everyMs);
  return {
    keep: async ({ issuer, subject, until, groups }, token) => {
      heard.set(nameOf({ issuer, subject }), { at: now(), groups });
      if (token !== undefined) await replace({ issuer, subject }, { issuer, subject, token, until });
    },
    groupsOf: async (who, oldest = everyMs) => {
      const one = kept.find((other) => isSamePerson(other, who) && other.until > now());
      const last = heard.get(nameOf(who));
      if (one === undefined || (last !== undefined && now() - last.at < oldest)) return last?.groups;
      await Promise.race([ask(one, who.login), sleep(patienceMs, undefined, { ref: false })]);
      return heard.get(nameOf(who))?.groups;
    },
    close: () => clearInterval(timer),
  };
}

/** How long a visit waits for a provider that is slow to say whether its person is still in their groups. */
const patienceMs = 3_000;

const nameOf = ({ issuer, subject }: SamePerson): string => JSON.stringify([issuer, subject]);

async function cutUngated(deps: RechecksDeps): Promise<void> {
  for (const login of new Set(deps.connections.all().map(({ state }) => state.who.login))) {
    if ((await deps.sudoNames(login)) === 'no') await cutLogin(deps, login);
  }
}

async function cutLogin(deps: RechecksDeps, login: string): Promise<void> {
  const why = `login ${login} is no longer let through this gate`;
  const theirs = deps.connections.all().filter(({ state }) => state.who.login === login);
  await Promise.all(
    theirs.map(async (connection) =>
      deps.connections
        .end(connection, { why, lines: [`tmux-gate: ${why}.`], exit: 77 })
        .catch((error: unknown) => deps.log.error('ungated-not-cut', { login, error })),
    ),
  );
}

type Replace = (who: SamePerson, next: Kept | undefined) => Promise<void>;
type Ask = (one: Kept, login: string | undefined) => Promise<void>;

/**
 * Side by side, so that a provider that is slow over one says in time of the next that they are gone; and nobody twice at once: a
 * refresh token that is used a second time is taken for stolen, and ends the sign-in (RFC 9700 section 4.14).
 */
function askAll(deps: RechecksDeps, kept: readonly Kept[], ask: Ask): void {
  for (const one of kept) {
    const attached = deps.connections.all().find(({ state }) => isSamePerson(state.who, one));
    if (attached !== undefined) void ask(one, attached.state.who.login);
  }
}

interface Asking extends RechecksDeps {
  readonly heard: Heard;
  readonly replace: Replace;
}

async function askOne(deps: Asking, one: Kept, login: string | undefined): Promise<void> {
  const { heard, replace } = deps;
  const { issuer, subject, token, until } = one;
  const settled = { issuer, subject, token, until };
  await replace(one, { ...settled, asked: deps.now() });
  const answer = await deps.provider.recheck(one.token, AbortSignal.timeout(10_000));
  const hear = (groups: Standing): unknown => heard.set(nameOf(one), { at: deps.now(), groups });
  const before = heard.get(nameOf(one))?.groups;
  // Somebody else's answer vouches for nobody here (OpenID Connect Core 1.0 section 12.2: the same iss and sub).
  if (answer.state === 'alive' && vouchesFor(deps, one, login, answer.identity)) {
    hear(answer.identity?.groups ?? before);
    return replace(one, { ...settled, token: answer.refreshToken });
  }
  if (answer.state === 'unknown') {
    hear(before);
    deps.log.warn('recheck-unanswered', { login, problem: answer.problem, isLost: answer.isLost });
    return answer.isLost ? undefined : replace(one, one);
  }
  if (answer.state === 'refused' && one.asked !== undefined) {
    deps.log.warn('refresh-answer-lost', { login, subject, problem: answer.problem });
    hear(before);
    if (login !== undefined) await forgetSignIns(deps, login);
    return replace(one, undefined);
  }
  hear('gone');
  // First what matters: were the file not writable, nobody would be asked about them again.
  await dismiss(deps, one, login);
  await replace(one, undefined);
}

/** The same person, and still the owner of the login; a claim that is left out says nothing of either. */
function vouchesFor(
  deps: RechecksDeps,
  one: SamePerson,
  login: string | undefined,
  said: Vouched | undefined,
): boolean {
  if (said === undefined) return true;
  if (!isSamePerson(said, one)) return false;
  const { login: rule, groups } = deps.config.oidc.claims;
  const missing = [...(said.claim === undefined ? [rule.claim] : []), ...(said.groups === undefined ? [groups] : [])];
  if (missing.length > 0) deps.log.info('claims-not-refreshed', { login, missing });
  return login === undefined || said.claim === undefined || mapsTo(said.claim, login, rule);
}

/** The provider no longer vouches: the sign-ins are forgotten and the lines are cut; the grants run out by themselves. */
async function dismiss(deps: RechecksDeps, who: SamePerson, login: string | undefined): Promise<void> {
  const theirs = deps.connections.all().filter((connection) => isSamePerson(connection.state.who, who));
  const failed = (error: unknown): void => deps.log.error('identity-gone-unwritten', { login, error });
  await deps.journal.write('identity-gone', { issuer: who.issuer, subject: who.subject, login }).catch(failed);
  if (login !== undefined) await forgetSignIns(deps, login).catch(failed);
  const why = 'the identity provider no longer vouches for you';
  await Promise.all(
    theirs.map(async (connection) =>
      deps.connections.end(connection, { why, lines: [`tmux-gate: ${why}.`], exit: 77 }),
    ),
  );
}
