// View-only connections and moderated sessions: the sessions, the people, and how they connect.
import { expect } from '@jest/globals';
import type { SandboxConfig } from '../../scripts/sandbox/install.ts';
import type { Host } from '../../scripts/sandbox/host.ts';
import type { Person } from '../../scripts/sandbox/person.ts';
import { expectSoon } from './in-session.ts';
import { eventually } from '../../scripts/sandbox/eventually.ts';
import { approve, connections, journal, type Inside, type JournalRecord } from './inside.ts';
import { requestAccess, shellPrompt, signInWhenAsked, type Asked } from './visits.ts';

/** More people. `twin` is a second login of erin's; erin may ask, approve, and follow what goes on in prod-audit. */
export const viewers = {
  ...{ carol: ['engineers'], dave: ['oncall'], erin: ['engineers', 'oncall', 'audit'], twin: [] },
} as const satisfies Record<string, readonly string[]>;

/** A policy with these people, and a session of each kind: moderated, view-only, with on-call approvers, with idle limits. */
export function withViewers({ sessions, oidc, ...rest }: SandboxConfig): object {
  const one = { ...sessions['prod-db'], session_grace: '1s' };
  const prefix = one.run_as.replace(/dba$/, '');
  const owners = {
    alice: 'alice',
    bob: 'bob',
    mallory: 'mallory',
    carol: 'carol',
    dave: 'dave',
    erin: 'erin',
    twin: 'erin',
  };
  const map = Object.fromEntries(
    Object.entries(owners).map(([login, owner]) => [`${prefix}${login}`, `${prefix}${owner}@example.com`]),
  );
  const day = (ms: number): string => `${new Date(Date.now() + ms).toISOString().slice(0, 10)}T00:00Z`;
  const turn = { from: day(-86_400_000), until: day(2 * 86_400_000), people: [`${prefix}carol`] };
  return {
    ...rest,
    on_call: { primary: { rota: [turn] } },
    oidc: { ...oidc, claims: { ...oidc.claims, login: { claim: 'email', map } } },
    sessions: {
      'prod-db': one,
      'prod-mod': { ...one, moderated: true },
      'prod-call': { ...one, moderated: true, approvers: { on_call: ['primary'] } },
      'prod-audit': { ...one, auditors: { groups: ['audit'] } },
      'prod-look': { ...one, mode: 'view' },
      'prod-idle': { ...one, idle: { warn: '2s', end: '4s' } },
    },
  };
}

export const personOf = ({ people }: Host, name: keyof typeof viewers): Person => people[name] ?? people.alice;

/** What a view-only person is told when they are attached. */
export const watching = 'nothing you type reaches the session. Press q, Ctrl-C or Ctrl-D to leave.';

/** Connects with `--view` under a grant of their own or one that they approved, and waits until attached. Signs in if that is asked. */
export async function comeToLook(host: Host, person: Person, session: string): Promise<Inside> {
  const terminal = person.ssh(['-t', session, '--view']);
  void signInWhenAsked(terminal, person);
  await terminal.until(watching);
  await terminal.until(shellPrompt);
  return { ...lastOf(host, person), terminal };
}

/** Asks for view-only access, has it approved, and waits until attached. */
export async function askToLook(host: Host, person: Person, asked: Asked = {}): Promise<Inside> {
  const { session = 'prod-db', ...more } = asked;
  const { terminal, request } = await requestAccess(person, { ...more, session: `${session} --view` });
  await approve(host.people.bob, request);
  await terminal.until(watching);
  await terminal.until(shellPrompt);
  return { ...lastOf(host, person), terminal };
}

function lastOf({ layout }: Host, { login }: Person): Omit<Inside, 'terminal'> {
  const facts = connections(layout)
    .filter(({ who }) => who.login === login)
    .at(-1);
  if (facts === undefined) throw new Error('the keeper knows of no connection');
  return facts;
}

/** The records of this event about a connection. */
export const records = ({ layout }: Host, event: string, { id }: Pick<Inside, 'id'>): readonly JournalRecord[] =>
  journal(layout).filter((record) => record.event === event && record['connection'] === id);

/** The last title that was written to a person's terminal. */
export const titleOn = ({ terminal }: Pick<Inside, 'terminal'>): string =>
  [...terminal.text.matchAll(/\u001b\]2;([^\u0007]*)\u0007/g)].at(-1)?.[1] ?? '';

/** Waits until the title says that input is held. */
export async function expectHeld(inside: Inside): Promise<void> {
  await expectSoon(() => expect(titleOn(inside)).toMatch(/^INPUT HELD/));
}

/** Waits until the title says that input passes. */
export async function expectPassing(inside: Inside): Promise<void> {
  await expectSoon(() => expect(titleOn(inside)).toMatch(/^prod-\w+ on prod-box, until/));
}

/** Leaves by key and waits until the connection is over; the gate has then read every byte that was typed before. */
export async function leave({ layout }: Host, { terminal, id }: Inside, key = 'q'): Promise<void> {
  terminal.type(key);
  await terminal.ended();
  await eventually('the connection is over', () => !connections(layout).some((one) => one.id === id));
}
