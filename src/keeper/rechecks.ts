// Whether the provider still vouches for those who are in (design section 4): a refresh token a sign-in, asked again every
// `sign_in.recheck`. An identity that the provider disabled is disconnected within that time; so is a login that sudo's rule
// no longer names, who could not come in anew either (threats H4, M2).
//
// Refresh tokens stay in root's own file on this host (law 11); only live connections are asked about.
import { namedBySudo } from '../adapters/sudo-rule.ts';
import { readState, removeState, writeState } from '../adapters/state-file.ts';
import { isSamePerson, type SamePerson } from '../core/identity.ts';
import { integer, list, object, text } from '../core/shape.ts';
import type { SignIn } from '../core/sign-in.ts';
import { forgetSignIns } from './forget.ts';
import type { House } from './house.ts';

/** Characters of a refresh token; with `mostKept` less than a state file may hold. Providers' are about 1,500. */
const longestToken = 8_192;
const mostKept = 390;
const mostRead = 400;
const stateShape = list(
  object({ issuer: text(2048), subject: text(255), token: text(longestToken), until: integer(0) }),
  mostRead,
);
type Kept = NonNullable<ReturnType<typeof stateShape>>[number];

export interface Rechecks {
  keep(signIn: SignIn, token: string): Promise<void>;
  close(): void;
}

export async function openRechecks(
  house: () => House,
  path: string,
  everyMs: number,
  now: () => number,
): Promise<Rechecks> {
  let kept: readonly Kept[] = ((await readState(path, stateShape)) ?? []).filter((one) => one.until > now());
  const save = async (): Promise<void> =>
    kept.length === 0 ? removeState(path) : writeState(path, kept, true, stateShape);
  const replace = async (who: SamePerson, next: Kept | undefined): Promise<void> => {
    // Kept, it could not be read again, and no keeper would start.
    if ((next?.token.length ?? 0) > longestToken) house().log.warn('refresh-token-too-long', { subject: who.subject });
    kept = [
      ...kept.filter((one) => !isSamePerson(one, who) && one.until > now()),
      ...(next === undefined || next.token.length > longestToken ? [] : [next]),
    ].slice(-mostKept);
    await save();
  };
  const asked = new Set<string>();
  const timer = setInterval(() => {
    askAll(house(), kept, asked, replace);
    void cutUngated(house());
  }, everyMs);
  return {
    keep: async ({ issuer, subject, until }, token) => replace({ issuer, subject }, { issuer, subject, token, until }),
    close: () => clearInterval(timer),
  };
}

async function cutUngated(house: House): Promise<void> {
  for (const login of new Set(house.connections.all().map(({ state }) => state.who.login))) {
    if ((await namedBySudo(login, `${house.layout.programs}/gate`)) === 'no') await cutLogin(house, login);
  }
}

async function cutLogin(house: House, login: string): Promise<void> {
  const why = `login ${login} is no longer let through this gate`;
  const theirs = house.connections.all().filter(({ state }) => state.who.login === login);
  await Promise.all(
    theirs.map(async (connection) =>
      house.connections
        .end(connection, { why, lines: [`tmux-gate: ${why}.`], exit: 77 })
        .catch((error: unknown) => house.log.error('ungated-not-cut', { login, error })),
    ),
  );
}

type Replace = (who: SamePerson, next: Kept | undefined) => Promise<void>;

/**
 * Side by side, so that a provider that is slow over one says in time of the next that they are gone; and nobody twice at once: a
 * refresh token that is used a second time is taken for stolen, and ends the sign-in (RFC 9700 section 4.14).
 */
function askAll(house: House, kept: readonly Kept[], asked: Set<string>, replace: Replace): void {
  const attached = kept.filter((one) =>
    house.connections.all().some((connection) => isSamePerson(connection.state.who, one)),
  );
  for (const one of attached) {
    const name = JSON.stringify([one.issuer, one.subject]);
    if (asked.has(name)) continue;
    asked.add(name);
    askOne(house, one, replace)
      .catch((error: unknown) => house.log.warn('recheck-failed', { error }))
      .finally(() => asked.delete(name));
  }
}

async function askOne(house: House, one: Kept, replace: Replace): Promise<void> {
  const answer = await house.provider.recheck(one.token, AbortSignal.timeout(10_000));
  // Somebody else's answer vouches for nobody here (OpenID Connect Core 1.0 section 12.2: the same iss and sub).
  const same = answer.state === 'alive' && (answer.identity === undefined || isSamePerson(answer.identity, one));
  if (answer.state === 'alive' && same) return replace(one, { ...one, token: answer.refreshToken });
  if (answer.state === 'unknown') return;
  // First what matters: were the file not writable, nobody would be asked about them again.
  await dismiss(house, one);
  await replace(one, undefined);
}

/** The provider no longer vouches: the sign-ins are forgotten and the lines are cut; the grants run out by themselves. */
async function dismiss(house: House, who: SamePerson): Promise<void> {
  const theirs = house.connections.all().filter((connection) => isSamePerson(connection.state.who, who));
  const login = theirs[0]?.state.who.login;
  const failed = (error: unknown): void => house.log.error('identity-gone-unwritten', { login, error });
  await house.journal.write('identity-gone', { issuer: who.issuer, subject: who.subject, login }).catch(failed);
  if (login !== undefined) await forgetSignIns(house, login).catch(failed);
  const why = 'the identity provider no longer vouches for you';
  await Promise.all(
    theirs.map(async (connection) =>
      house.connections.end(connection, { why, lines: [`tmux-gate: ${why}.`], exit: 77 }),
    ),
  );
}
