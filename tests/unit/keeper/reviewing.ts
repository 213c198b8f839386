// A journal of a quarter that is over, and people who read and sign off its access review (the verb `review`).
import { jest } from '@jest/globals';
import { sha256 } from '../../../src/adapters/sha256.ts';
import type { Identity } from '../../../src/core/identity.ts';
import type { Config } from '../../../src/core/policy-types.ts';
import type { Person } from '../../../src/core/request.ts';
import type { Context } from '../../../src/keeper/context.ts';
import type { Conversation } from '../../../src/keeper/conversation.ts';
import type { ReviewQuery } from '../../../src/keeper/history/query.ts';
import { reviewReading, type ReviewAnswer } from '../../../src/keeper/history/review.ts';
import type { Visitor } from '../../../src/keeper/identity/visitor.ts';
import { accessReview } from '../../../src/keeper/verbs/access-review.ts';
import { parseCommand, type Command } from '../../../src/wire/grammar.ts';
import type { Line } from './fakes.ts';
import { alice, began, bob, carol, configOf, dave, one, openWorld } from './world.ts';

export const quarter = 'review --period 2001-Q2'; // it is September of 2001
export const iso = (text: string): string => `${text}:00.000Z`;

/** What the journal has of the quarter. */
export const past: readonly Line[] = [
  { at: iso('2001-01-02T09:00'), event: 'policy', sha256: 'ab'.repeat(32), part: 1 },
  ...[bob, carol].map((who) => ({
    ...{ at: iso('2001-01-02T09:00'), event: 'sign-in', login: who.login, identity: who, groups: ['oncall'] },
  })),
  { at: iso('2001-04-02T09:00'), event: 'sign-in', login: 'alice', identity: alice, groups: ['engineers'] },
  { at: iso('2001-04-02T10:00'), event: 'granted', session: 'prod-db', grant: 'G1', who: alice, approvers: [bob] },
  {
    at: iso('2001-04-02T10:00'),
    event: 'connected',
    session: 'prod-db',
    connection: 'C1',
    identity: alice,
    approvers: [bob],
  },
  { at: iso('2001-04-02T10:30'), event: 'disconnected', session: 'prod-db', connection: 'C1' },
  { at: iso('2001-05-02T10:00'), event: 'granted', session: 'old-db', grant: 'G2', who: dave, approvers: [bob] },
];

export interface Told {
  readonly session: string;
  readonly sha256: string;
  readonly isOver: boolean;
  readonly rows: readonly { readonly what: string; readonly login?: string; readonly totalSeconds?: number }[];
  readonly signOffs: readonly object[];
  readonly notSignedOff: readonly string[];
}

export const visitorOf = (login: string, local = false): Visitor =>
  ({ login, local, uid: 1, address: '', fingerprint: 'f', hello: { tty: false } }) as unknown as Visitor;

export const root = visitorOf('root', true);

export const signOff = (sha: string, session = 'prod-db'): string =>
  `${quarter} --session ${session} --looked-at ${sha} --reason as it should be`;

/** A keeper in September of 2001. What is public is what a test may change and look at. */
export class Reviewing {
  readonly world = openWorld({ config: configOf({}, { sessions: twoSessions }) });
  records: readonly Line[] = past;
  isSound = true;
  out: string[] = [];
  /** The same as it was sent. */
  readonly parts: (readonly string[])[] = [];
  readonly notes: string[] = [];
  readonly read: ReviewQuery[] = [];
  /** Of whoever signs in. */
  groups: readonly string[] = ['oncall'];
  /** Called while the person signs in. */
  meanwhile: () => void = () => undefined;
  readonly conversation = {
    gone: new AbortController().signal,
    out: (lines: readonly string[]) => {
      this.parts.push(lines);
      this.out.push(...lines);
    },
    note: (lines: readonly string[]) => void this.notes.push(...lines),
    taken: async () => Promise.resolve(),
    wait: async (_text: string, _until: number | undefined, task: (signal: AbortSignal) => Promise<unknown>) =>
      task(new AbortController().signal),
  } as unknown as Conversation;

  async typed(text: string, who: Person = bob, visitor = visitorOf(who.login)): Promise<void> {
    const { command } = parseCommand(text) as { command: Command };
    await accessReview(this.contextOf(who), this.conversation, visitor, command);
  }

  async told(text: string, visitor: Visitor = root): Promise<readonly Told[]> {
    this.out = [];
    await this.typed(`${text} --json`, bob, visitor);
    return JSON.parse(this.out.join('\n')) as readonly Told[];
  }

  async digestOf(session = 'prod-db'): Promise<string> {
    return (await this.told(`${quarter} --session ${session}`))[0]?.sha256 ?? '';
  }

  contextOf(who: Person): Context {
    const { groups } = this;
    const identity = { ...who, login: undefined, groups, issuedAt: Date.now(), amr: ['otp'] } as unknown as Identity;
    const complete = async (): Promise<object> => Promise.resolve(this.meanwhile()).then(() => ({ identity }));
    const login = { uri: 'https://id.example.com/device', code: 'WDJB-MJHT', expiresAt: began + 60_000, complete };
    return {
      ...this.world.deps,
      provider: { begin: async () => Promise.resolve(login) },
      recentUsers: { met: () => undefined, of: () => [] },
      history: {
        review: async (...[, query, , take]: Parameters<Context['history']['review']>) => take(this.#answerTo(query)),
      },
    } as unknown as Context;
  }

  close(): void {
    this.world.close();
    jest.useRealTimers();
  }

  #answerTo(query: ReviewQuery): ReviewAnswer {
    this.read.push(query);
    const reading = reviewReading(query, sha256);
    const own = this.world.journal.lines.map((line) => ({ at: new Date().toISOString(), ...line }));
    [...this.records, ...own].forEach((line, at) => reading.take(line, at + 1, true));
    return { ...reading.answer(), isSound: this.isSound };
  }
}

/** Its clock stands still. */
export function openReviewing(): Reviewing {
  jest.useFakeTimers({ now: began, doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask', 'performance'] });
  return new Reviewing();
}

const twoSessions: Config['sessions'] = {
  'prod-db': one,
  'prod-web': { ...one, name: 'prod-web', approvers: { ...one.approvers, groups: ['webmasters'] } },
};

/** A journal in which so many more people had access. */
export const crowd = (many: number): readonly Line[] => [
  ...past,
  ...Array.from({ length: many }, (_, n) => ({
    ...{ at: iso('2001-04-02T10:00'), event: 'granted', session: 'prod-db', grant: `X${n}`, approvers: [] },
    who: { ...alice, subject: `s-${n}`, login: `login-${n}` },
  })),
];
