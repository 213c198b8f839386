// Requests, grants, connections, sessions: tables for people, `--json` for programs. The same rows either way.
import { approvedBy, effectiveEnd, type LiveGrant } from '../../core/grant.ts';
import { isSamePerson } from '../../core/identity.ts';
import { approversSaid, type Duty } from '../../core/on-call.ts';
import { refusal, Refused } from '../../core/refusal.ts';
import { sessionsFor } from '../../core/policy.ts';
import type { SessionPolicy } from '../../core/policy-types.ts';
import { formatClock, formatDuration } from '../../core/time.ts';
import type { Command } from '../../wire/grammar.ts';
import type { Door } from '../door.ts';
import type { House } from '../house.ts';
import { approvalOf, json, table } from '../render.ts';
import type { Session } from '../sessions.ts';
import { brokenIn, readGrants } from '../visit/grant.ts';
import type { Visitor } from '../visit/identify.ts';
import { actorOf, type Actor } from './actor.ts';
import { connectionsFor, grantsFor, readRequests, requestsFor } from './visible.ts';

type Row = Readonly<Record<string, unknown>>;

interface Listing {
  readonly empty: string;
  readonly head: readonly string[];
  readonly rows: (house: House, actor: Actor, door: Door) => Promise<readonly Row[]>;
  readonly cells: (house: House, row: Row) => readonly string[];
}

const cell = (value: unknown): string => (typeof value === 'string' || typeof value === 'number' ? String(value) : '');
const sight = (row: Row): string => (row['mode'] === 'view' ? ' (view)' : '');
const left = (house: House, row: Row, key: string): string => formatDuration(Number(row[key]) - house.now());
const ago = (house: House, row: Row, key: string): string => formatDuration(house.now() - Number(row[key]));

const requestsListing: Listing = {
  empty: 'No request waits for an answer.',
  head: ['ID', 'WHO', 'SESSION', 'FOR', 'WAITS', 'REASON'],
  rows: async (house, actor) =>
    requestsFor(house, actor, await readRequests(house)).map(({ facts, reviews }) => ({
      ...facts,
      login: facts.who.login,
      identity: facts.who.claim,
      approvals: reviews.length,
    })),
  cells: (house, row) => [
    cell(row['id']),
    cell(row['login']),
    `${cell(row['session'])}@${cell(row['host'])}${sight(row)}`,
    `${row['extends'] === undefined ? '' : '+'}${formatDuration(Number(row['durationMs']))}`,
    ago(house, row, 'requestedAt'),
    cell(row['reason']),
  ],
};

const grantsListing: Listing = {
  empty: 'No grant is live.',
  head: ['ID', 'REQUEST', 'WHO', 'SESSION', 'LEFT', 'UNTIL', 'APPROVED BY'],
  rows: async (house, actor, door) =>
    grantsFor(house, actor, await grantsHere(house, door)).map((live) => ({
      ...live.grant,
      end: effectiveEnd(live),
      login: live.grant.who.login,
      approvedBy: approvalOf(live.grant),
    })),
  cells: (house, row) => [
    cell(row['id']),
    cell(row['request']),
    cell(row['login']),
    `${cell(row['session'])}${sight(row)}`,
    left(house, row, 'end'),
    formatClock(Number(row['end'])),
    cell(row['approvedBy']),
  ],
};

/** Break-glass opens when the board is away: what it opened is shown then as well, and that it is not all. */
async function grantsHere(house: House, door: Door): Promise<readonly LiveGrant[]> {
  const broken = brokenIn(house);
  try {
    return [...(await readGrants(house, { host: house.host })), ...broken];
  } catch (error) {
    if (!(error instanceof Refused) || broken.length === 0) throw error;
    door.note([
      `Shown is what break-glass opened, and nothing else: ${refusal(error.code, error.names).say} [${error.code}]`,
    ]);
    return broken;
  }
}

const connectionsListing: Listing = {
  empty: 'Nobody is attached.',
  head: ['ID', 'WHO', 'SESSION', 'MODE', 'FROM', 'SINCE', 'LEFT', 'GRANT', 'APPROVED BY'],
  rows: async (house, actor) =>
    Promise.resolve(
      connectionsFor(house, actor).map(({ state, end, input }) => {
        const { id, session, who, address, since, grant, request, reason, mode = 'type', as = null } = state;
        const sees = { mode, held: input === 'held', as };
        const named = { id, session, login: who.login, identity: who.claim };
        const approved = approvedBy(state) === '' && as === null ? 'break-glass' : approvedBy(state);
        return { ...named, ...sees, address, since, end, grant, request, reason, approvedBy: approved };
      }),
    ),
  cells: (house, row) => [
    cell(row['id']),
    cell(row['login']),
    cell(row['session']),
    row['held'] === true ? 'held' : cell(row['mode']),
    cell(row['address']),
    ago(house, row, 'since'),
    left(house, row, 'end'),
    cell(row['grant']),
    cell(row['approvedBy']),
  ],
};

const sessionsListing: Listing = {
  empty: 'No session of this host is open to you.',
  head: ['SESSION', 'RUNS AS', 'KIND', 'WINDOW', 'APPROVED BY', 'RUNS FOR', 'STATE'],
  rows: async (house, actor) => {
    const duty = await house.onCall.duty();
    const offered =
      actor.person === undefined ? Object.values(house.config.sessions) : sessionsFor(house.config, actor.person);
    return Promise.all(offered.map(async (policy) => sessionRow(house, actor, policy, duty)));
  },
  cells: (house, row) => [
    cell(row['session']),
    cell(row['runsAs']),
    [row['kind'], row['mode'] === 'view' && 'view', row['moderated'] === true && 'moderated']
      .filter(Boolean)
      .join(', '),
    windowSaid(row['window'] as SessionPolicy['window']),
    [cell(row['approvers']), ...(row['autoApprove'] as readonly string[]).map((rule) => `rule ${rule}`)].join(', or '),
    row['since'] === null ? '-' : ago(house, row, 'since'),
    cell(row['state']),
  ],
};

function windowSaid({ defaultMs, maxMs }: SessionPolicy['window']): string {
  return `${formatDuration(defaultMs)}, at most ${formatDuration(maxMs)}`;
}

async function sessionRow(house: House, actor: Actor, policy: SessionPolicy, duty: Duty): Promise<Row> {
  const { name, runAs, window, approvers, who, kind, privileges, atExpiry, mode, moderated, idle } = policy;
  const attached = house.connections.all().filter(({ state }) => state.session === name);
  const running = (await house.sessions.running()).filter((session) => session.name === name);
  const { person } = actor;
  const mine = person !== undefined && attached.some(({ state }) => isSamePerson(state.who, person));
  return {
    ...{ session: name, runsAs: runAs, kind, privileges, atExpiry, mode, moderated, idle: idle ?? null },
    window,
    who,
    approvers: `${approvers.count} of ${approversSaid(policy, duty)}`,
    autoApprove: policy.autoApprove?.map((rule) => rule.name) ?? [],
    state: stateOf(policy, attached.length, mine, running),
    attached: attached.length,
    maxConnections: policy.maxConnections ?? null,
    running: running.length > 0,
    since: running[0]?.since ?? null,
    kept: running[0]?.kept ?? null,
  };
}

function stateOf(policy: SessionPolicy, attached: number, mine: boolean, [first]: readonly Session[]): string {
  const most = policy.maxConnections !== undefined && policy.kind === 'shared' ? ` of ${policy.maxConnections}` : '';
  if (attached > 0) return `${attached}${most} attached${mine ? ', you too' : ''}`;
  if (first === undefined) return 'starts on demand';
  return first.kept === undefined ? 'running' : 'kept, nobody attached';
}

function listing(what: Listing) {
  return async (house: House, door: Door, visitor: Visitor, command: Command): Promise<void> => {
    const rows = await what.rows(house, await actorOf(house, door, visitor), door);
    if (command.json) door.out([json(rows)]);
    else if (rows.length === 0) door.out([what.empty]);
    else
      door.out(
        table(
          what.head,
          rows.map((row) => what.cells(house, row)),
        ),
      );
  };
}

export const requests = listing(requestsListing);
export const grants = listing(grantsListing);
export const connections = listing(connectionsListing);
export const sessions = listing(sessionsListing);
