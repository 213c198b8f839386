// By which flow people prove who they are, and the code flow as a person sees it (src/keeper/identity/prove.ts, code-login.ts).
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { CodeLogin, DeviceLogin, SignedIn } from '../../../src/adapters/oidc.ts';
import type { CodeAsked } from '../../../src/adapters/oidc-code.ts';
import type { Identity } from '../../../src/core/identity.ts';
import type { Config } from '../../../src/core/policy-types.ts';
import { Refused } from '../../../src/core/refusal.ts';
import type { Person } from '../../../src/core/request.ts';
import type { FlowPolicy } from '../../../src/core/sign-in-flow.ts';
import { hour, minute } from '../../../src/core/time.ts';
import type { Asking, Conversation } from '../../../src/keeper/conversation.ts';
import { reauthenticate, requireSignIn } from '../../../src/keeper/identity/identify.ts';
import { prove } from '../../../src/keeper/identity/prove.ts';
import type { Visitor } from '../../../src/keeper/identity/visitor.ts';
import type { Hello } from '../../../src/wire/messages.ts';
import { protocolVersion } from '../../../src/wire/messages.ts';
import { alice, began, bob, codeOf, configOf, lineOf, openWorld, type World } from './world.ts';

const redirect = 'http://127.0.0.1:8400/';
const addressOf = (state: string, more = ''): string => `${redirect}?code=secret-c0de&state=${state}${more}`;

let world: World;
let screen: string[];
/** How the person answers, in turn: a text, or the error with which the question ends. */
let answers: (string | Error)[];
let asked: CodeAsked[];
let redeemed: string[];
let signsIn: SignedIn;
let states: number;
/** What redeeming an address ends with. */
let fault: Error | undefined;

const hello: Hello = {
  ...{ t: 'hello', v: protocolVersion, kind: 'visit', uid: 1001, login: 'alice', pid: 7, command: '', tty: true },
  ...{ cols: 80, rows: 24, term: 'xterm', utf8: true, address: '10.0.0.7', auth: '' },
};
const visitor: Visitor = {
  ...{ hello, login: 'alice', uid: 1001, address: '10.0.0.7', fingerprint: 'SHA256:x', local: false },
};
const piped: Visitor = { ...visitor, hello: { ...hello, tty: false } };

const identityOf = (who: Person): Identity =>
  ({ ...who, login: undefined, groups: ['engineers'], issuedAt: began }) as unknown as Identity;

const questions: (Asking & { readonly prompt: string })[] = [];
const conversation = {
  note: (lines: readonly string[]) => void screen.push(...lines),
  ask: async (prompt: string, how: Asking = {}) => {
    questions.push({ prompt, ...how });
    const answer = answers.shift();
    if (answer === undefined) return new Promise<string>(() => undefined);
    if (answer instanceof Error) throw answer;
    return Promise.resolve(answer);
  },
  wait: async (_text: string, _until: number | undefined, task: (signal: AbortSignal) => Promise<unknown>) =>
    task(new AbortController().signal),
} as unknown as Conversation;

function depsOf(flow: FlowPolicy, oidc: Partial<Config['oidc']> = {}) {
  const device: DeviceLogin = {
    ...{ uri: 'https://id.example.com/device', uriComplete: undefined, code: 'WDJB-MJHT', expiresAt: began + minute },
    complete: async () => Promise.resolve(signsIn),
  };
  const byLink = (state: string): CodeLogin => ({
    ...{ link: `https://id.example.com/auth?state=${state}`, state, expiresAt: Date.now() + 5 * minute },
    complete: async (answer) => {
      redeemed.push(answer.toString());
      if (fault !== undefined) throw fault;
      return Promise.resolve(signsIn);
    },
  });
  const provider = {
    begin: async () => Promise.resolve(device),
    beginByLink: async (how: CodeAsked) =>
      Promise.resolve(void asked.push(how)).then(() => byLink(`state-${(states += 1)}`)),
    recheck: async () => Promise.reject(new Error('not asked here')),
    ping: async () => Promise.resolve(),
  };
  const config = configOf();
  world = openWorld({
    config: {
      ...config,
      ...{ oidc: { ...config.oidc, ...oidc }, signIn: { lifetimeMs: 8 * hour, recheckMs: minute, flow } },
    },
  });
  return { ...world.deps, provider, recentUsers: { met: () => undefined, of: () => [] } };
}
const proving = (deps: ReturnType<typeof depsOf>, who = visitor) =>
  prove(deps, conversation, who, { purpose: 'sign in as alice' });

beforeEach(() => {
  jest.useFakeTimers({ now: began, doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask', 'performance'] });
  [screen, answers, asked, redeemed, states, fault] = [[], [], [], [], 0, undefined];
  questions.length = 0;
  signsIn = { identity: identityOf(alice), refreshToken: 'r1' };
});
afterEach(() => {
  world.close();
  jest.useRealTimers();
});

describe('the flow', () => {
  test('is the policy’s', async () => {
    expect((await proving(depsOf('device'))).flow).toBe('device');
    expect(screen.join('\n')).toContain('Code  WDJB-MJHT');
    answers = [addressOf('state-1')];
    expect((await proving(depsOf('code'))).flow).toBe('code');
    expect(screen.join('\n')).toContain('Open  https://id.example.com/auth?state=state-1');
  });

  test.each([
    ['1', 'device'],
    ['', 'device'],
    [' 2 ', 'code'],
  ])('is the person’s, where the policy says so: %j is %s', async (answer, flow) => {
    answers = [answer, addressOf('state-1')];
    expect((await proving(depsOf('both'))).flow).toBe(flow);
    expect(questions[0]?.kind).toBe('choice');
  });

  test('is asked for again when the answer is none, and is the device flow in the end', async () => {
    answers = ['both', 'constructor', 'x'];
    expect((await proving(depsOf('both'))).flow).toBe('device');
    expect(screen.filter((line) => line === '  Type 1 or 2.')).toHaveLength(3);
  });

  test('is in the journal, for a sign-in and for an act', async () => {
    answers = [addressOf('state-1'), addressOf('state-2')];
    const deps = depsOf('code');
    await requireSignIn(deps, conversation, visitor);
    expect(lineOf(world, 'sign-in')).toMatchObject({ flow: 'code', login: 'alice' });
    expect(await reauthenticate(deps, conversation, visitor, 'APPROVE K7')).toMatchObject({ flow: 'code' });
    expect(lineOf(world, 'proved-anew')).toMatchObject({ flow: 'code', purpose: 'APPROVE K7' });
  });

  test('without a word in the journal is the device flow', async () => {
    const deps = depsOf('device');
    await requireSignIn(deps, conversation, visitor);
    expect(Object.keys(lineOf(world, 'sign-in') ?? {})).not.toContain('flow');
    expect(await reauthenticate(deps, conversation, visitor, 'APPROVE K7')).not.toHaveProperty('flow');
  });
});

describe('a sign-in by a link', () => {
  test('asks for the redirect address of the policy, and for a fresh sign-in only where an act needs it', async () => {
    answers = [addressOf('state-1'), addressOf('state-2')];
    const deps = depsOf('code', { authorizeParameters: { prompt: 'consent' } });
    await requireSignIn(deps, conversation, visitor);
    await reauthenticate(deps, conversation, visitor, 'APPROVE K7');
    expect(asked).toEqual([
      { redirectUri: redirect, parameters: { prompt: 'consent' } },
      { redirectUri: redirect, parameters: { prompt: 'consent' }, freshSince: began },
    ]);
  });

  test('law 11: nothing of an address is shown or journaled', async () => {
    answers = ['http://127.0.0.1:8400/?code=secret-c0de', addressOf('state-1')];
    await requireSignIn(depsOf('code'), conversation, visitor);
    expect(redeemed).toEqual(['code=secret-c0de&state=state-1']);
    expect(JSON.stringify([screen, world.journal.lines, world.notices])).not.toContain('secret-c0de');
    expect(questions.map(({ kind }) => kind)).toEqual(['paste', 'paste']);
  });

  test.each([
    ['no address', 'nothing', 'ADDRESS_BARE'],
    ['part of one', `${redirect}?state=state-1`, 'ADDRESS_INCOMPLETE'],
    ['a code alone', 'secret-c0de', 'ADDRESS_BARE'],
    ['the link', 'https://id.example.com/auth?state=state-1', 'ADDRESS_ELSEWHERE'],
    ['another state', addressOf('forged'), 'ADDRESS_UNKNOWN'],
  ])('%s is told, and may be pasted again', async (_, text, code) => {
    answers = [text, addressOf('state-1')];
    await proving(depsOf('code'));
    expect(redeemed).toHaveLength(1);
    answers = Array.from({ length: 5 }, () => text.replace('state-1', 'state-2'));
    const deps = depsOf('code');
    states = 1;
    expect(await codeOf(proving(deps))).toBe(code);
    expect([redeemed.length, answers]).toEqual([1, []]);
  });

  test('an address of another conversation, of one that is over, and a used one are each told', async () => {
    const deps = depsOf('code');
    const other = deps.issuedStates.issue('other', began + minute);
    deps.issuedStates.issue('left', began + minute).end();
    deps.issuedStates.issue('used', began + minute).use();
    answers = [addressOf('other'), addressOf('left'), addressOf('used'), addressOf('state-1')];
    await proving(deps);
    const shown = screen.join('\n');
    expect(shown).toContain('belongs to another sign-in');
    expect(shown).toContain('of a sign-in that is over');
    expect(shown).toContain('works only once');
    expect([redeemed, other.fault('other')]).toEqual([['code=secret-c0de&state=state-1'], undefined]);
    answers = Array.from({ length: 5 }, () => addressOf('state-1'));
    expect(await codeOf(proving(deps))).toBe('ADDRESS_USED');
  });

  test('an address that comes too late is not taken', async () => {
    const code = codeOf(proving(depsOf('code')));
    await jest.advanceTimersByTimeAsync(5 * minute);
    expect(await code).toBe('SIGN_IN_EXPIRED');
  });

  test('an address that is typed once the time is over, where nobody was told yet, is not taken', async () => {
    const deps = depsOf('code');
    const typed = Promise.withResolvers<string>();
    const waiting = { ...conversation, ask: async () => typed.promise };
    const code = codeOf(prove(deps, waiting, visitor, { purpose: 'sign in as alice' }));
    await jest.advanceTimersByTimeAsync(minute);
    jest.setSystemTime(began + 5 * minute);
    typed.resolve(addressOf('state-1'));
    expect([await code, redeemed]).toEqual(['SIGN_IN_EXPIRED', []]);
  });

  test('what the provider refuses ends it, and the address is used up', async () => {
    fault = new Refused('CODE_REFUSED');
    const deps = depsOf('code');
    answers = [addressOf('state-1')];
    expect(await codeOf(proving(deps))).toBe('CODE_REFUSED');
    expect(deps.issuedStates.issue('next', began + minute).fault('state-1')).toBe('ADDRESS_USED');
  });

  test('law 2: of somebody else it is refused, and so is that of a login that was locked meanwhile', async () => {
    const deps = depsOf('code');
    signsIn = { identity: identityOf(bob) };
    answers = [addressOf('state-1'), addressOf('state-2')];
    expect(await codeOf(proving(deps))).toBe('NOT_THIS_LOGIN');
    signsIn = { identity: identityOf(alice) };
    await deps.locks.take({
      ...{ lock: { target: 'alice', number: 1, locked: true, by: 'bob', reason: 'leaving', at: began }, jws: '' },
    });
    expect(await codeOf(proving(deps))).toBe('LOCKED');
  });

  test('who leaves it has left; without a terminal the end of input is told as such', async () => {
    const cancelled = new Refused('CANCELLED');
    const deps = depsOf('code');
    answers = [cancelled, cancelled, new Refused('CANCELLED', {}, 'the line closed'), new Error('broken')];
    expect(await codeOf(proving(deps))).toBe('CANCELLED');
    expect(await codeOf(proving(deps, piped))).toBe('ADDRESS_NEEDED');
    expect(await codeOf(proving(deps, piped))).toBe('CANCELLED');
    await expect(proving(deps, piped)).rejects.toThrow('broken');
    expect(deps.issuedStates.issue('next', began + minute).fault('state-1')).toBe('ADDRESS_OLD');
  });

  test('without a terminal a line that is as long as one keeps was cut', async () => {
    const long = addressOf('state-1', `&more=${'x'.repeat(4095)}`).slice(0, 4095);
    answers = [long];
    await proving(depsOf('code'));
    answers = Array.from({ length: 5 }, () => long.replace('state-1', 'state-2'));
    expect(await codeOf(proving(depsOf('code'), piped))).toBe('ADDRESS_CUT');
    expect(screen.join('\n')).toContain('run the same command with ssh -t');
  });

  test('no more than four of one login wait at once', async () => {
    const deps = depsOf('code');
    for (let n = 0; n < 4; n++) void deps.waitingSignIns.run('alice', async () => new Promise(() => undefined));
    expect(await codeOf(proving(deps))).toBe('MANY_SIGN_INS');
  });
});
