// The verbs `requests`, `grants`, `connections` and `sessions`: tables for people, `--json` for programs, with the same rows.
import { approvedBy, effectiveEnd, type LiveGrant } from '../../core/grant.ts';
import { foldHosts } from '../../core/host-pattern.ts';
import { isSamePerson } from '../../core/identity.ts';
import { approversSaid } from '../../core/messages/approvers.ts';
import {
  anyOf,
  approvalsFrom,
  attachedCount,
  byRule,
  connectionsHead,
  grantsHead,
  keptRunning,
  noConnections,
  noGrants,
  noRequests,
  noSessions,
  onlyBreakGlass,
  requestsHead,
  running,
  sessionsHead,
  startsOnDemand,
  timeOffered,
  viewMark,
} from '../../core/messages/listings.ts';
import type { Duty } from '../../core/on-call.ts';
import { refusal, Refused } from '../../core/refusal.ts';
import { sessionsFor } from '../../core/policy.ts';
import type { SessionPolicy } from '../../core/policy-types.ts';
import { formatClock, formatDuration } from '../../core/time.ts';
import type { Command } from '../../wire/grammar.ts';
import type { Conversation } from '../conversation.ts';
import type { Context } from '../context.ts';
import { json, table } from '../../wire/listing.ts';
import { approvalOf } from '../render.ts';
import type { Session } from '../sessions/session.ts';
import { asOne } from '../batches/as-one.ts';
import { brokenIn, readGrants } from '../grants/read-grants.ts';
import { columnsOf, type Visitor } from '../identity/visitor.ts';
import { actorOf, type Actor } from '../identity/actor.ts';
import { connectionsFor as connectionsSeen, grantsFor as grantsSeen, requestsFor } from '../identity/visible.ts';
import type { ListedFor } from '../fleet/answer-query.ts';
import { ofFleet, type FleetListing } from './of-fleet.ts';
import { readRequests } from '../grants/read-requests.ts';

type Row = Readonly<Record<string, unknown>>;

interface Listing {
  readonly empty: string;
  readonly head: readonly string[];
  readonly rows: (context: Context, actor: Actor, conversation: Conversation) => Promise<readonly Row[]>;
  readonly cells: (context: Context, row: Row) => readonly string[];
}

const cell = (value: unknown): string => (typeof value === 'string' || typeof value === 'number' ? String(value) : '');
const sight = (row: Row): string => (row['mode'] === 'view' ? viewMark : '');
const left = (context: Context, row: Row, key: string): string => formatDuration(Number(row[key]) - context.now());
const ago = (context: Context, row: Row, key: string): string => formatDuration(context.now() - Number(row[key]));

const requestsListing: Listing = {
  empty: noRequests,
  head: requestsHead,
  rows: async (context, actor) =>
    asOne(requestsFor(context, actor, await readRequests(context))).map(({ id, facts, hosts, reads }) => ({
      ...facts,
      id,
      host: foldHosts(hosts),
      ...(facts.batch === undefined ? {} : { hosts, requests: reads.map((one) => one.facts.id) }),
      login: facts.who.login,
      identity: facts.who.claim,
      approvals: Math.min(...reads.map(({ reviews }) => reviews.length)),
    })),
  cells: (context, row) => [
    cell(row['id']),
    cell(row['login']),
    `${cell(row['session'])}@${cell(row['host'])}${sight(row)}`,
    `${row['extends'] === undefined ? '' : '+'}${formatDuration(Number(row['durationMs']))}`,
    ago(context, row, 'requestedAt'),
    cell(row['reason']),
  ],
};

const grantsListing: Listing = {
  empty: noGrants,
  head: grantsHead,
  rows: async (context, actor, conversation) => grantRows(context, actor, await grantsHere(context, conversation)),
  cells: (context, row) => [
    cell(row['id']),
    cell(row['request']),
    cell(row['login']),
    `${cell(row['session'])}${sight(row)}`,
    left(context, row, 'end'),
    formatClock(Number(row['end'])),
    cell(row['approvedBy']),
  ],
};

function grantRows(context: Context, actor: Actor, all: readonly LiveGrant[]): readonly Row[] {
  return grantsSeen(context, actor, all).map((live) => ({
    ...live.grant,
    end: effectiveEnd(live),
    login: live.grant.who.login,
    approvedBy: approvalOf(live.grant),
  }));
}

/** The live grants of this host; those of break-glass are never in Redis. @throws Refused REDIS_DOWN */
const everyGrant = async (context: Context): Promise<readonly LiveGrant[]> => [
  ...(await readGrants(context, { host: context.host })),
  ...brokenIn(context),
];

/** Break-glass works while Redis is down; then its grants are shown, with a note that these are not all. */
async function grantsHere(context: Context, conversation: Conversation): Promise<readonly LiveGrant[]> {
  try {
    return await everyGrant(context);
  } catch (error) {
    const broken = brokenIn(context);
    if (!(error instanceof Refused) || broken.length === 0) throw error;
    conversation.note([onlyBreakGlass(refusal(error.code, error.names).say, error.code)]);
    return broken;
  }
}

const connectionsListing: Listing = {
  empty: noConnections,
  head: connectionsHead,
  rows: async (context, actor) => Promise.resolve(connectionRows(context, actor)),
  cells: (context, row) => [
    cell(row['id']),
    cell(row['login']),
    cell(row['session']),
    row['held'] === true ? 'held' : cell(row['mode']),
    cell(row['address']),
    ago(context, row, 'since'),
    left(context, row, 'end'),
    cell(row['grant']),
    cell(row['approvedBy']),
  ],
};

function connectionRows(context: Context, actor: Actor): readonly Row[] {
  return connectionsSeen(context, actor).map(({ state, end, input }) => {
    const { id, session, who, address, since, grant, request, reason, mode = 'type', as = null } = state;
    const sees = { mode, held: input === 'held', as };
    const named = { id, session, login: who.login, identity: who.claim };
    const approved = approvedBy(state) === '' && as === null ? 'break-glass' : approvedBy(state);
    return { ...named, ...sees, address, since, end, grant, request, reason, approvedBy: approved };
  });
}

const sessionsListing: Listing = {
  empty: noSessions,
  head: sessionsHead,
  rows: async (context, actor) => {
    const duty = await context.onCall.duty();
    const offered =
      actor.person === undefined ? Object.values(context.config.sessions) : sessionsFor(context.config, actor.person);
    return Promise.all(offered.map(async (policy) => sessionRow(context, actor, policy, duty)));
  },
  cells: (context, row) => [
    cell(row['session']),
    cell(row['runsAs']),
    [row['kind'], row['mode'] === 'view' && 'view', row['moderated'] === true && 'moderated']
      .filter(Boolean)
      .join(', '),
    timeOf(row['window'] as SessionPolicy['window']),
    anyOf([cell(row['approvers']), ...(row['autoApprove'] as readonly string[]).map(byRule)]),
    row['since'] === null ? '-' : ago(context, row, 'since'),
    cell(row['state']),
  ],
};

function timeOf({ defaultMs, maxMs }: SessionPolicy['window']): string {
  return timeOffered(formatDuration(defaultMs), formatDuration(maxMs));
}

async function sessionRow(context: Context, actor: Actor, policy: SessionPolicy, duty: Duty): Promise<Row> {
  const { name, runAs, window, approvers, who, kind, privileges, atExpiry, mode, moderated, idle } = policy;
  const attached = context.connections.all().filter(({ state }) => state.session === name);
  const running = (await context.sessions.running()).filter((session) => session.name === name);
  const { person } = actor;
  const mine = person !== undefined && attached.some(({ state }) => isSamePerson(state.who, person));
  return {
    ...{ session: name, runsAs: runAs, kind, privileges, atExpiry, mode, moderated, idle: idle ?? null },
    window,
    who,
    approvers: approvalsFrom(approvers.count, approversSaid(policy, duty)),
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
  if (attached > 0) return attachedCount(attached, policy.kind === 'shared' ? policy.maxConnections : undefined, mine);
  if (first === undefined) return startsOnDemand;
  return first.kept === undefined ? running : keptRunning;
}

function listing(what: Listing) {
  return async (context: Context, conversation: Conversation, visitor: Visitor, command: Command): Promise<void> => {
    const rows = await what.rows(context, await actorOf(context, conversation, visitor), conversation);
    conversation.out(linesOf(context, what, rows, { command, columns: columnsOf(visitor) }));
  };
}

function linesOf(
  context: Context,
  what: Listing,
  rows: readonly Row[],
  { command, columns }: Pick<ListedFor, 'command' | 'columns'>,
): readonly string[] {
  if (command.json) return [json(rows)];
  if (rows.length === 0) return [what.empty];
  const cells = rows.map((row) => what.cells(context, row));
  return table(what.head, cells, columns);
}

/** Requests that wait, of the whole fleet. */
export const requests = listing(requestsListing);
/**
 * Live grants of this host, for the fleet, the newest last; where not all can be read, it says so instead of listing break-glass alone.
 * @throws Refused REDIS_DOWN
 */
export const grantsFor: FleetListing = async (context, asked) => {
  const inOrder = (await everyGrant(context)).toSorted((a, b) => a.grant.start - b.grant.start);
  return linesOf(context, grantsListing, grantRows(context, asked.actor, inOrder), asked);
};
const grantsOfThisHost = listing(grantsListing);

/** Live grants of this host; with `--fleet`, of every host. @throws Refused BUSY, REDIS_DOWN and what a sign-in refuses */
export const grants: typeof grantsOfThisHost = async (context, conversation, visitor, command) =>
  command.fleet === true
    ? ofFleet(context, conversation, { visitor, command, here: grantsFor })
    : grantsOfThisHost(context, conversation, visitor, command);
/** Who is attached on this host, for the fleet. */
export const connectionsFor: FleetListing = async (context, asked) =>
  Promise.resolve(linesOf(context, connectionsListing, connectionRows(context, asked.actor), asked));
const connectionsOfThisHost = listing(connectionsListing);

/** Who is attached on this host; with `--fleet`, on every host. @throws Refused BUSY, REDIS_DOWN and what a sign-in refuses */
export const connections: typeof connectionsOfThisHost = async (context, conversation, visitor, command) =>
  command.fleet === true
    ? ofFleet(context, conversation, { visitor, command, here: connectionsFor })
    : connectionsOfThisHost(context, conversation, visitor, command);
/** The sessions of this host for which the person may ask; all of them for root. */
export const sessions = listing(sessionsListing);
