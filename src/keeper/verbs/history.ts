// History: each request with its reviews, grant, connections and end, from the journal, which no TTL touches (design section 3).
import type { Person, RequestFacts } from '../../core/request.ts';
import { asciiJson } from '../../core/text.ts';
import { formatDuration, formatInstant, hour } from '../../core/time.ts';
import type { Command } from '../../wire/grammar.ts';
import type { Door } from '../door.ts';
import type { House } from '../house.ts';
import { csv, table } from '../render.ts';
import type { Visitor } from '../visit/identify.ts';
import { actorOf, mayTouch } from './actor.ts';

type Entry = Readonly<Record<string, unknown>>;

interface Story {
  readonly request: string;
  readonly at: string;
  readonly login: string;
  readonly who: Person;
  readonly session: string;
  readonly reason: string;
  readonly durationMs: number;
  reviews: { verdict: string; by: string; reason?: string }[];
  state: string;
  grant?: string;
  /** The rule that approved in the place of people. */
  auto?: string;
  /** Of an extension: the grant that it was to prolong. */
  readonly extends?: string;
  connections: { connection: string; from: string; to?: string; why?: string }[];
}

const standardBackMs = 7 * 24 * hour;
const longest = 500;

export async function history(house: House, door: Door, visitor: Visitor, command: Command): Promise<void> {
  const actor = await actorOf(house, door, visitor);
  const since = house.now() - (command.sinceMs ?? standardBackMs);
  const told = await stories(house, since);
  const { login, session, approver } = command;
  const shown = told
    .filter((story) => mayTouch(house, actor, story.session, story.who))
    .filter(
      (story) =>
        (login === undefined || story.login === login) &&
        (session === undefined || story.session === session) &&
        (approver === undefined || story.reviews.some(({ by }) => by === approver)),
    )
    .slice(-longest);
  if (command.json) return door.out([asciiJson(shown)]);
  if (command.csv === true) return door.out(csv(csvHead, shown.map(csvCells)));
  if (shown.length === 0) return door.out(['Nothing was asked for in that time.']);
  door.out(table(['REQUEST', 'ASKED', 'WHO', 'SESSION', 'FOR', 'STATE', 'BY', 'ATTACHED', 'REASON'], shown.map(cells)));
}

function cells(story: Story): readonly string[] {
  const by = [...story.reviews.map((review) => review.by), ...byRule(story.auto)].join(', ');
  const asked = formatInstant(Date.parse(story.at)).replace(' UTC', '');
  return [
    story.request,
    asked,
    story.login,
    story.session,
    `${story.extends === undefined ? '' : '+'}${formatDuration(story.durationMs)}`,
    story.state,
    by === '' ? '-' : by,
    `${story.connections.length}x`,
    story.reason,
  ];
}

const byRule = (auto: string | undefined): readonly string[] => (auto === undefined ? [] : [`rule ${auto}`]);

const csvHead = [
  'request',
  'asked',
  'login',
  'identity',
  'session',
  'seconds',
  'state',
  'reviews',
  'grant',
  'connections',
  'reason',
  'extends',
];

function csvCells({
  request,
  at,
  login,
  who,
  session,
  durationMs,
  state,
  reviews,
  grant,
  auto,
  connections,
  reason,
  extends: prolonged = '',
}: Story): string[] {
  const reviewed = [...reviews.map(({ by, verdict }) => `${by} ${verdict}`), ...byRule(auto)].join('; ');
  const attached = connections.map(({ from, to, why }) => `${from}/${to ?? ''} ${why ?? ''}`.trim()).join('; ');
  const seconds = String(durationMs / 1000);
  return [request, at, login, who.claim, session, seconds, state, reviewed, grant ?? '', attached, reason, prolonged];
}

async function stories(house: House, since: number): Promise<readonly Story[]> {
  const byRequest = new Map<string, Story>();
  const byGrant = new Map<string, Story>();
  const byConnection = new Map<string, Story>();
  for await (const entry of house.journal.records()) {
    if (Date.parse(text(entry, 'at')) < since) continue;
    const story =
      byConnection.get(text(entry, 'connection')) ??
      byRequest.get(text(entry, 'request')) ??
      byGrant.get(text(entry, 'grant'));
    if (entry['event'] === 'requested') byRequest.set(text(entry, 'request'), begin(entry));
    else if (story !== undefined) go(story, entry, byGrant, byConnection);
  }
  return besideTheirGrants([...byRequest.values()]);
}

/** Each extension right after what it prolonged. */
function besideTheirGrants(told: readonly Story[]): readonly Story[] {
  const known = new Set(told.flatMap(({ grant }) => grant ?? []));
  const isFirst = ({ extends: prolonged }: Story): boolean => prolonged === undefined || !known.has(prolonged);
  const after = (story: Story): readonly Story[] => [
    story,
    ...told.filter((other) => other.extends !== undefined && other.extends === story.grant).flatMap(after),
  ];
  return told.filter(isFirst).flatMap(after);
}

function begin(entry: Entry): Story {
  const who = entry['who'] as Person;
  const prolonged = entry['extends'] as RequestFacts['extends'];
  return {
    ...(prolonged === undefined ? {} : { extends: prolonged.grant }),
    ...{
      request: text(entry, 'request'),
      at: text(entry, 'at'),
      login: who.login,
      who,
      session: text(entry, 'session'),
    },
    ...{
      reason: text(entry, 'reason'),
      durationMs: Number(entry['durationMs']),
      reviews: [],
      state: 'unanswered',
      connections: [],
    },
  };
}

function go(story: Story, entry: Entry, byGrant: Map<string, Story>, byConnection: Map<string, Story>): void {
  switch (entry['event']) {
    case 'reviewed':
      story.reviews.push({
        verdict: text(entry, 'verdict'),
        by: (entry['by'] as Person).login,
        reason: text(entry, 'reason'),
      });
      break;
    case 'granted':
      story.state = 'granted';
      story.grant = text(entry, 'grant');
      if (text(entry, 'auto') !== '') story.auto = text(entry, 'auto');
      byGrant.set(story.grant, story);
      break;
    case 'connected':
      byConnection.set(text(entry, 'connection'), story);
      story.connections.push({ connection: text(entry, 'connection'), from: text(entry, 'at') });
      break;
    case 'disconnected':
      Object.assign(story.connections.find((one) => one.connection === entry['connection']) ?? {}, {
        to: entry['at'],
        why: entry['why'],
      });
      break;
    case 'grant-ended':
      story.state = text(entry, 'why');
      break;
    case 'denied':
    case 'lapsed':
    case 'withdrawn':
      story.state = text(entry, 'event');
      break;
    default:
  }
}

function text(entry: Entry, key: string): string {
  const value = entry[key];
  return typeof value === 'string' ? value : '';
}
