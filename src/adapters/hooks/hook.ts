// Asks programs and URLs of the policy: who is on call, and whether a request has a valid ticket.
//
// 1. An answer is JSON of exactly the agreed form. Anything else is an error, and names nobody (law 1).
// 2. All of an answer is somebody else's text: it is only compared, or filtered where it is shown (law 9).
import { readGuarded } from '../../config/safety.ts';
import { onTurn } from '../../core/on-call.ts';
import type { Config, HookPolicy, OnCallPolicy } from '../../core/policy-types.ts';
import { ticketShape, type TicketAnswer } from '../../core/auto-approve.ts';
import { list, parseJson, text, type Shape } from '../../core/shape.ts';
import { asciiJson } from '../../core/text.ts';
import type { Account } from '../accounts.ts';
import { answerLimit, askProgram } from './program.ts';
import { askUrl } from './url.ts';

/** One source of `on_call` in the policy. */
export interface Source {
  /** Whom it names at an instant (milliseconds since the epoch). @throws Error with a message of ours. */
  people(now: number): Promise<readonly string[]>;
  /** How long an answer is used, in milliseconds; undefined: it is asked each time. */
  readonly cacheMs?: number;
}

/** A ticket hook of the policy. */
export interface Ticket {
  /** Asks about a request. @throws Error with a message of ours. */
  ask(facts: object): Promise<TicketAnswer>;
}

type Who = Pick<Account, 'uid' | 'gid'>;

const peopleShape = list(text(320, /./u), 500);

/** A rota, or a program or URL that is run or fetched at each question. @throws Error when its secret cannot be read. */
export async function openSource(policy: OnCallPolicy, account: Who): Promise<Source> {
  if ('rota' in policy) return { people: async (now) => Promise.resolve(onTurn(policy.rota, now)) };
  const ask = await openHook(policy.hook, account);
  return { cacheMs: policy.cacheMs, people: async () => ask(peopleShape) };
}

/** A program or URL that checks tickets. @throws Error when its secret cannot be read. */
export async function openTicket(policy: HookPolicy, account: Who): Promise<Ticket> {
  const ask = await openHook(policy, account);
  return { ask: async (facts) => ask(ticketShape, `${asciiJson(facts)}\n`) };
}

const secretLimit = 16 * 1024;

async function openHook(policy: HookPolicy, account: Who) {
  const { answerWithinMs: limitMs } = policy;
  const file = 'url' in policy ? policy.secretFile : undefined;
  const secret =
    file === undefined
      ? undefined
      : (await readGuarded(file, { secret: true, maxBytes: secretLimit })).toString('utf8').trim();
  return async <T>(shape: Shape<T>, input?: string): Promise<T> => {
    const said =
      'url' in policy
        ? await askUrl(policy.url, secret, input, limitMs)
        : await askProgram(policy.command, account, input, limitMs);
    return read(said, shape);
  };
}

/** Parses an answer (rule 1). @throws Error when it is malformed. */
function read<T>(said: Buffer, shape: Shape<T>): T {
  const answer = parseJson(said.toString('utf8'), shape, answerLimit);
  if (answer === undefined) throw new Error('what it says is no JSON of the agreed form');
  return answer;
}

/** The sources and ticket hooks of a policy, by name. */
export interface Hooks {
  readonly sources: ReadonlyMap<string, Source>;
  readonly tickets: ReadonlyMap<string, Ticket>;
}

/** Every source and ticket hook that the policy names. @throws Error when a secret cannot be read. */
export async function openHooks({ onCall, tickets }: Pick<Config, 'onCall' | 'tickets'>, account: Who): Promise<Hooks> {
  return { sources: await opened(onCall, account, openSource), tickets: await opened(tickets, account, openTicket) };
}

async function opened<P, T>(
  policies: Readonly<Record<string, P>>,
  account: Who,
  open: (policy: P, account: Who) => Promise<T>,
): Promise<ReadonlyMap<string, T>> {
  const each = Object.entries(policies).map(async ([name, policy]) => [name, await open(policy, account)] as const);
  return new Map(await Promise.all(each));
}
