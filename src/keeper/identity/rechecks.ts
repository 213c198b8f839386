// Asks the provider again whether it still vouches for connected people (docs/design.md, "Sign-in"): each sign-in has a refresh token,
// which is used every `sign_in.recheck`. A person whom the provider disabled is disconnected within that time. So is a login that sudo's
// rule no longer names, because it could not come in anew either (H4, M2).
//
// What the answer says of their groups counts when they come back or are approved (grants/lapse.ts). What it does not say stays as it was.
//
// A refresh token works once, so a lost answer means a lost next token. That a token is in use is on disk before it is sent. If a token is
// refused and an earlier answer to it was lost, nobody is disconnected: the token is forgotten, and the next visit signs in anew
// (docs/design.md, "Sign-in"). Accident: the network, or the keeper, dies between the answer and the new token on disk.
//
// Refresh tokens stay in a file of this host that only root reads (law 11). Only people with live connections, or about to be let in, are
// asked about, and those who asked here for access to other hosts, which cannot ask.
import { setTimeout as sleep } from 'node:timers/promises';
import { readState, removeState, writeState } from '../../adapters/state-file.ts';
import { isSamePerson, mapsTo, type GroupList, type SamePerson, type Vouched } from '../../core/identity.ts';
import type { Person } from '../../core/request.ts';
import { integer, list, object, optional, text } from '../../core/shape.ts';
import type { SignIn } from '../../core/sign-in.ts';
import { endLines, providerWithdrew, ungatedWhy } from '../../core/messages/attached.ts';
import type { PolicyInForce } from '../state/policy.ts';
import { forgetSignIns, type ForgetSignInsDeps } from './forget-sign-ins.ts';
import type { Connections } from '../connections/connections.ts';
import type { Named } from '../../adapters/sudo-rule.ts';
import type { Provider } from '../../adapters/oidc.ts';
import type { Journal } from '../../adapters/journal/journal.ts';

export interface RechecksDeps extends ForgetSignInsDeps {
  readonly policy: Pick<PolicyInForce, 'onTaken'>;
  readonly connections: Connections;
  /** Whether sudo's rule names a login now. */
  sudoNames(login: string): Promise<Named>;
  readonly provider: Provider;
  /** Those who asked for other hosts here (batches/asked-here.ts). */
  readonly askedHere: { of(who: SamePerson): readonly { readonly login: string }[] };
  readonly journal: Journal;
  /** Reads the list of groups that takes the place of what the provider says; undefined: there is none. @throws Refused GROUPS_FILE */
  readonly groupList?: () => Promise<GroupList> | undefined;
}

/** Characters of a refresh token; those of real providers have about 1,500. Times `mostKept`, it fits into a state file. */
const longestToken = 8_192;
const mostKept = 390;
const mostRead = 400;
const stateShape = list(
  object({
    issuer: text(2048),
    subject: text(255),
    token: text(longestToken),
    until: integer(0),
    /** Since when an answer to this token is awaited: milliseconds since the epoch. */
    asked: optional(integer(0)),
  }),
  mostRead,
);
type Kept = NonNullable<ReturnType<typeof stateShape>>[number];

/** A person's groups; `gone` if the provider no longer vouches for them; undefined if it has not said. */
export type Standing = readonly string[] | 'gone' | undefined;

/** What the provider last said of a person, and when it was last asked. */
type Heard = Map<string, { readonly at: number; readonly groups: Standing }>;

/** Refresh tokens, and what the provider said with them. */
export interface Rechecks {
  /** Notes a new sign-in. @param token its refresh token, if the provider gave one. @throws an error of the file system */
  keep(signIn: SignIn, token: string | undefined): Promise<void>;
  /**
   * The groups of a person as the provider says them now, waiting three seconds for it at most.
   * @param oldest how old an answer may be, in milliseconds; `sign_in.recheck` if not given
   * @returns the last answer if the provider does not answer in time, or if there is no refresh token
   * @throws Refused GROUPS_FILE
   */
  groupsOf(who: Person, oldest?: number): Promise<Standing>;
  /** Calls `hear` with each person for whom the provider no longer vouches; if it rejects, they are asked about again. There is one listener. */
  onGone(hear: (who: SamePerson) => Promise<void>): void;
  /** The logins of live sign-ins without a refresh token, about whom the provider cannot be asked again. */
  withoutRefresh(): readonly string[];
  /** Stops the periodic re-checks. */
  close(): void;
}

/**
 * Reads the refresh tokens from `path` and re-checks connected people every `sign_in.recheck`.
 * @throws Error when the file cannot be understood
 */
export async function openRechecks(deps: RechecksDeps, path: string, now: () => number): Promise<Rechecks> {
  let kept: readonly Kept[] = ((await readState(path, stateShape)) ?? []).filter((one) => one.until > now());
  const save = async (): Promise<void> =>
    kept.length === 0 ? removeState(path) : writeState(path, kept, true, stateShape);
  const replace = async (who: SamePerson, next: Kept | undefined): Promise<void> => {
    // A longer token is not kept: its file could not be read again, and no keeper would start.
    if ((next?.token.length ?? 0) > longestToken) deps.log.warn('refresh-token-too-long', { subject: who.subject });
    kept = [
      ...kept.filter((one) => !isSamePerson(one, who) && one.until > now()),
      ...(next === undefined || next.token.length > longestToken ? [] : [next]),
    ].slice(-mostKept);
    await save();
  };
  const heard: Heard = new Map();
  const unasked = new Map<string, number>();
  const asking = new Map<string, Promise<void>>();
  let hearGone: (who: SamePerson) => Promise<void> = async () => Promise.resolve();
  const ask: Ask = async (one, login) => {
    const name = keyOf(one);
    const turn =
      asking.get(name) ??
      askOne({ ...deps, heard, replace, gone: async (who) => hearGone(who) }, one, login).finally(() =>
        asking.delete(name),
      );
    asking.set(name, turn);
    return turn.catch((error: unknown) => deps.log.warn('recheck-failed', { error }));
  };
  const standing = async (who: SamePerson & { readonly login: string }, oldest: number): Promise<Standing> => {
    const one = kept.find((other) => isSamePerson(other, who) && other.until > now());
    const last = heard.get(keyOf(who));
    if (one === undefined || (last !== undefined && now() - last.at < oldest)) return last?.groups;
    await Promise.race([ask(one, who.login), sleep(patienceMs, undefined, { ref: false })]);
    return heard.get(keyOf(who))?.groups;
  };
  const close = repeat(deps, () => {
    askAll(deps, kept, ask);
    void cutUngated(deps);
  });
  return {
    keep: async ({ issuer, subject, until, groups, login }, token) => {
      heard.set(keyOf({ issuer, subject }), { at: now(), groups });
      note(unasked, login, token === undefined ? until : undefined);
      if (token !== undefined) await replace({ issuer, subject }, { issuer, subject, token, until });
    },
    groupsOf: async (who, oldest = deps.config.signIn.recheckMs) => {
      const said = await standing(who, oldest);
      const list = said === 'gone' ? undefined : deps.groupList?.();
      return list === undefined ? said : (await list)(who.claim);
    },
    onGone: (hear) => (hearGone = hear),
    withoutRefresh: () => [...unasked].filter(([, until]) => until > now()).map(([login]) => login),
    close,
  };
}

/** Every `sign_in.recheck`; another policy begins a new interval. @returns stops it */
function repeat({ config, policy }: RechecksDeps, turn: () => void): () => void {
  const start = (): NodeJS.Timeout => setInterval(turn, config.signIn.recheckMs);
  let [timer, everyMs] = [start(), config.signIn.recheckMs];
  policy.onTaken(() => {
    if (config.signIn.recheckMs === everyMs) return;
    clearInterval(timer);
    [timer, everyMs] = [start(), config.signIn.recheckMs];
  });
  return () => clearInterval(timer);
}

/** Notes until when (instant, ms) a login is signed in without a refresh token; undefined: it has one. At most `mostKept` are noted. */
function note(unasked: Map<string, number>, login: string, until: number | undefined): void {
  unasked.delete(login);
  if (until !== undefined) unasked.set(login, until);
  const [oldest] = unasked.keys();
  if (unasked.size > mostKept && oldest !== undefined) unasked.delete(oldest);
}

/** How long a visit waits for a slow provider to say whether the person is still in their groups. */
const patienceMs = 3_000;

const keyOf = ({ issuer, subject }: SamePerson): string => JSON.stringify([issuer, subject]);

async function cutUngated(deps: RechecksDeps): Promise<void> {
  for (const login of new Set(deps.connections.all().map(({ state }) => state.who.login))) {
    if ((await deps.sudoNames(login)) === 'no') await cutLogin(deps, login);
  }
}

async function cutLogin(deps: RechecksDeps, login: string): Promise<void> {
  const why = ungatedWhy(login);
  const theirs = deps.connections.all().filter(({ state }) => state.who.login === login);
  await Promise.all(
    theirs.map(async (connection) =>
      deps.connections
        .end(connection, { why, lines: endLines(why), exit: 77 })
        .catch((error: unknown) => deps.log.error('ungated-not-cut', { login, error })),
    ),
  );
}

type Replace = (who: SamePerson, next: Kept | undefined) => Promise<void>;
type Ask = (one: Kept, login: string | undefined) => Promise<void>;

/**
 * Asks about all connected people at the same time, so that a slow answer about one does not delay the others. Nobody is asked about twice
 * at once: a refresh token that is used a second time counts as stolen and ends the sign-in (RFC 9700 section 4.14).
 */
function askAll(deps: RechecksDeps, kept: readonly Kept[], ask: Ask): void {
  for (const one of kept) {
    const attached = deps.connections.all().find(({ state }) => isSamePerson(state.who, one));
    const login = attached?.state.who.login ?? deps.askedHere.of(one)[0]?.login;
    if (login !== undefined) void ask(one, login);
  }
}

interface Asking extends RechecksDeps {
  gone(who: SamePerson): Promise<void>;
  readonly heard: Heard;
  readonly replace: Replace;
}

async function askOne(deps: Asking, one: Kept, login: string | undefined): Promise<void> {
  const { heard, replace } = deps;
  const { issuer, subject, token, until } = one;
  const settled = { issuer, subject, token, until };
  await replace(one, { ...settled, asked: deps.now() });
  const answer = await deps.provider.recheck(one.token, AbortSignal.timeout(10_000));
  const hear = (groups: Standing): unknown => heard.set(keyOf(one), { at: deps.now(), groups });
  const before = heard.get(keyOf(one))?.groups;
  // The answer must be about the same person (OpenID Connect Core 1.0 section 12.2: the same iss and sub).
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
  // Disconnect first: if the file cannot be written, the token stays and they are asked about again.
  // What they asked of other hosts is marked first, on disk: that is done again until it holds.
  const marked = await deps.gone(one).then(
    () => true,
    (error: unknown) => {
      deps.log.error('gone-not-noted', { login, error });
      return false;
    },
  );
  await dismiss(deps, one, login);
  if (marked) await replace(one, undefined);
}

/** Whether the answer is about the same person, who still owns the login. A claim that is left out takes nothing away. */
function vouchesFor(
  deps: RechecksDeps,
  one: SamePerson,
  login: string | undefined,
  said: Vouched | undefined,
): boolean {
  if (said === undefined) return true;
  if (!isSamePerson(said, one)) return false;
  const { login: rule, groups, groupsFile } = deps.config.oidc.claims;
  const asked = groupsFile === undefined && said.groups === undefined ? [groups] : [];
  const missing = [...(said.claim === undefined ? [rule.claim] : []), ...asked];
  if (missing.length > 0) deps.log.info('claims-not-refreshed', { login, missing });
  return login === undefined || said.claim === undefined || mapsTo(said.claim, login, rule);
}

/** The provider no longer vouches: the sign-ins are forgotten and the connections end. The grants stay until their end. */
async function dismiss(deps: RechecksDeps, who: SamePerson, login: string | undefined): Promise<void> {
  const theirs = deps.connections.all().filter((connection) => isSamePerson(connection.state.who, who));
  const failed = (error: unknown): void => deps.log.error('identity-gone-unwritten', { login, error });
  await deps.journal.write('identity-gone', { issuer: who.issuer, subject: who.subject, login }).catch(failed);
  if (login !== undefined) await forgetSignIns(deps, login).catch(failed);
  const why = providerWithdrew;
  await Promise.all(
    theirs.map(async (connection) => deps.connections.end(connection, { why, lines: endLines(why), exit: 77 })),
  );
}
