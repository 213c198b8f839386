// Whose login knocks (src/keeper/identity/identify, rules 1 and 2), over the accounts that every Debian has.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { identify, type IdentifyDeps } from '../../../src/keeper/identity/identify.ts';
import { protocolVersion, type Hello } from '../../../src/wire/messages.ts';
import { codeOf, openWorld, type World } from './world.ts';

/** base-passwd's: the uid 1, a home that only root writes, a shell that is none. */
const daemon = { login: 'daemon', uid: 1 };
const nobodysUid = 3_999_999_999;

let world: World;
let named: 'yes' | 'no' | 'unknown';

const hello: Hello = {
  ...{ t: 'hello', v: protocolVersion, kind: 'visit', ...daemon, pid: 7, command: '', tty: true },
  ...{ cols: 80, rows: 24, term: 'xterm', utf8: true, address: '10.0.0.7 4711 22', auth: '' },
};

/** A keeper whose policy takes homes as they are, or not. */
function depsOf(insecureLoginHomes: boolean): IdentifyDeps {
  const { deps } = world;
  const config = { ...deps.config, insecureLoginHomes };
  return { ...deps, config, sudoNames: async () => Promise.resolve(named) } as unknown as IdentifyDeps;
}
const refusalOf = (change: Partial<Hello>): Promise<unknown> => codeOf(identify(depsOf(true), { ...hello, ...change }));

beforeEach(() => {
  world = openWorld();
  named = 'yes';
});
afterEach(() => world.close());

describe('law 2: the login is the one that sudo and PAM vouch for', () => {
  test('when both say the same, the address is the first word of the claimed one', async () => {
    for (const loginuid of [{}, { loginuid: 1 }])
      expect(await identify(depsOf(true), { ...hello, ...loginuid })).toMatchObject({
        ...{ ...daemon, address: '10.0.0.7', fingerprint: '', local: false },
      });
  });

  test('a uid without an account, another name than the uid’s, or another loginuid is refused', async () => {
    expect(await refusalOf({ uid: nobodysUid })).toBe('UNKNOWN_LOGIN');
    expect(await refusalOf({ login: 'bin' })).toBe('LOGIN_MISMATCH');
    expect(await refusalOf({ loginuid: 2 })).toBe('LOGIN_MISMATCH');
  });

  test('a login that sudo’s rule does not name now is refused, also when sudo does not tell', async () => {
    for (named of ['no', 'unknown'] as const) expect(await refusalOf({})).toBe('NOT_GATED');
  });

  test('a login whose shell may read files first is refused, unless the policy takes it', async () => {
    expect(await codeOf(identify(depsOf(false), hello))).toBe('RC_SHELL');
  });
});

describe('a command of root on the host', () => {
  const local = (loginuid: number): Hello => ({ ...hello, kind: 'local', uid: 0, login: 'root', loginuid });

  test('is the person’s who became root, as far as PAM knows them', async () => {
    expect(await identify(depsOf(true), local(1))).toMatchObject({ ...daemon, local: true, address: 'local' });
    expect(await identify(depsOf(true), local(nobodysUid))).toMatchObject({ login: 'root', uid: 0, local: true });
  });
});
