// Builds stories from the journal's records: each request with its reviews, grant, connections and end.
//
// 1. What the asker may not see, or did not ask for, is not collected: after its first record, no more work is done on it. Attack: somebody
//    reads what other people asked for, or makes the thread collect it.
// 2. What is collected is bounded, however long the journal is: the newest stories, and of each its newest connections. Attack: a question
//    about a long journal takes the host's memory.
// 3. What does not verify is never shown as a fact: a story with a doubtful record says so. Attack: somebody edits the journal to show
//    another history.
import { isBreakGlass, breakGlassPerson } from '../../core/break-glass.ts';
import type { Person, RequestFacts } from '../../core/request.ts';
import { isInScope, type HistoryQuery } from './query.ts';

type Entry = Readonly<Record<string, unknown>>;

/** A request, or a use of break-glass, and what came of it. */
export interface Story {
  readonly request: string;
  readonly at: string;
  readonly login: string;
  readonly who: Person;
  readonly session: string;
  readonly reason: string;
  /** The time that was asked for, and how much of it was granted. */
  readonly durationMs: number;
  grantedMs?: number;
  reviews: { verdict: string; by: string; reason?: string }[];
  state: string;
  grant?: string;
  /** The rule that approved, where no person did. */
  auto?: string;
  /** Of an extension: the grant that it was to extend. */
  readonly extends?: string;
  connections: { connection: string; from: string; to?: string; why?: string }[];
  /** How many older connections are not listed above. */
  earlier: number;
  /** The line of its newest record, counted from 1. */
  lastLine: number;
  verified: boolean;
}

/** So many stories are shown. When `--approver` chooses among them, so many others are kept as candidates. */
export const longest = 500;
const mostCandidates = 1_500;
const mostConnections = 20;
const mostReviews = 20;

/** Collects stories for one query, record by record. */
export class Stories {
  readonly #query: HistoryQuery;
  readonly #byRequest = new Map<string, Story>();
  readonly #byGrant = new Map<string, Story>();
  readonly #byConnection = new Map<string, Story>();
  #left = false;

  constructor(query: HistoryQuery) {
    this.#query = query;
  }

  /** Whether older stories were left out. */
  get isCut(): boolean {
    return this.#left;
  }

  /** Adds one record. @param line its line in the journal. @param verified whether the chain verified it. */
  take(entry: Entry, line: number, verified: boolean): void {
    if (text(entry, 'at') < this.#query.since) return;
    const story = this.#storyOf(entry) ?? this.#begin(entry, line);
    if (story === undefined) return;
    story.lastLine = line;
    if (!verified) story.verified = false;
    advance(story, entry);
    this.#index(story, entry);
  }

  /** Marks every story with a record from this line on as not verified (rule 3). */
  doubt(from: number): void {
    for (const story of this.#byRequest.values()) if (story.lastLine >= from) story.verified = false;
  }

  /** The newest stories, each extension after the grant that it extended. */
  told(): readonly Story[] {
    const wanted = [...this.#byRequest.values()].filter((story) => this.#isWanted(story));
    if (wanted.length > longest) this.#left = true;
    return besideTheirGrants(wanted.slice(-longest));
  }

  #storyOf(entry: Entry): Story | undefined {
    return (
      this.#byConnection.get(text(entry, 'connection')) ??
      this.#byRequest.get(text(entry, 'request')) ??
      this.#byGrant.get(text(entry, 'grant'))
    );
  }

  /** Begins a story, if the asker may see it and asked for it (rule 1). */
  #begin(entry: Entry, line: number): Story | undefined {
    const story = begin(entry, line);
    if (story === undefined) return undefined;
    const { scope, login, session } = this.#query;
    const asked =
      (login === undefined || story.login === login) && (session === undefined || story.session === session);
    if (!asked || !isInScope(scope, story.session, story.who)) return undefined;
    this.#byRequest.set(story.request, story);
    if (this.#byRequest.size >= 2 * (longest + mostCandidates)) this.#thin();
    return story;
  }

  #index(story: Story, entry: Entry): void {
    if (story.grant !== undefined) this.#byGrant.set(story.grant, story);
    const connection = text(entry, 'connection');
    if (entry['event'] === 'connected') this.#byConnection.set(connection, story);
    if (entry['event'] === 'disconnected') this.#byConnection.delete(connection);
  }

  #isWanted({ reviews }: Story): boolean {
    const { approver } = this.#query;
    return approver === undefined || reviews.some(({ by }) => by === approver);
  }

  /** Rule 2. Runs once for thousands of stories, so that the total work stays linear. */
  #thin(): void {
    const all = [...this.#byRequest.values()];
    const wanted = all.filter((story) => this.#isWanted(story));
    const others = all.filter((story) => !this.#isWanted(story));
    const kept = new Set([...wanted.slice(-longest), ...others.slice(-mostCandidates)]);
    if (wanted.length > longest) this.#left = true;
    for (const map of [this.#byRequest, this.#byGrant, this.#byConnection])
      for (const [key, story] of map) if (!kept.has(story)) map.delete(key);
  }
}

/** Puts each extension directly after the request that it extended. */
function besideTheirGrants(told: readonly Story[]): readonly Story[] {
  const known = new Set(told.flatMap(({ grant }) => grant ?? []));
  const isFirst = ({ extends: prolonged }: Story): boolean => prolonged === undefined || !known.has(prolonged);
  const after = Map.groupBy(
    told.filter((story) => !isFirst(story)),
    (story) => story.extends,
  );
  const ordered: Story[] = [];
  const stack = told.filter(isFirst).reverse();
  for (let story = stack.pop(); story !== undefined; story = stack.pop()) {
    ordered.push(story);
    const next = story.grant === undefined ? undefined : after.get(story.grant);
    if (next === undefined) continue;
    after.delete(story.grant); // each one once, even if an edited journal has a cycle
    stack.push(...next.reverse());
  }
  return ordered;
}

function begin(entry: Entry, lastLine: number): Story | undefined {
  const common = {
    at: text(entry, 'at'),
    session: text(entry, 'session'),
    reason: text(entry, 'reason'),
    ...{ reviews: [], connections: [], earlier: 0, lastLine, verified: true },
  };
  if (entry['event'] === 'break-glass') return { ...common, ...brokenIn(entry) };
  const who = personIn(entry['who']);
  if (entry['event'] !== 'requested' || who === undefined) return undefined;
  const prolonged = entry['extends'] as RequestFacts['extends'];
  return {
    ...common,
    ...(prolonged === undefined ? {} : { extends: prolonged.grant }),
    ...{ request: text(entry, 'request'), login: who.login, who },
    ...{ durationMs: Number(entry['durationMs']), state: 'unanswered' },
  };
}

type BrokenIn = Pick<Story, 'request' | 'login' | 'who' | 'durationMs' | 'grantedMs' | 'state' | 'grant'>;

/** Break-glass has no request: its story begins with the use of the code. */
function brokenIn(entry: Entry): BrokenIn {
  const [login, code] = [text(entry, 'login'), text(entry, 'code')];
  const windowMs = Math.ceil((Number(entry['end']) - Date.parse(text(entry, 'at'))) / 1000) * 1000;
  return {
    ...{ request: `GLASS${code}`, login, who: breakGlassPerson(login, code) },
    ...{ durationMs: windowMs, grantedMs: windowMs, state: 'break-glass', grant: text(entry, 'grant') },
  };
}

function advance(story: Story, entry: Entry): void {
  switch (entry['event']) {
    case 'reviewed':
    case 'break-glass-reviewed':
      addReview(story, entry);
      break;
    case 'granted':
      grant(story, entry);
      break;
    case 'extended':
      // The grant of an extension starts at its approval, so its length is not what it added; the move of the end is.
      story.grantedMs = Date.parse(text(entry, 'to')) - Date.parse(text(entry, 'from'));
      break;
    case 'connected':
      story.connections.push({ connection: text(entry, 'connection'), from: text(entry, 'at') });
      if (story.connections.length > mostConnections) story.earlier += story.connections.splice(0, 1).length;
      break;
    case 'disconnected':
      Object.assign(story.connections.find((one) => one.connection === entry['connection']) ?? {}, {
        to: entry['at'],
        why: entry['why'],
      });
      break;
    case 'grant-ended':
      story.state = isBreakGlass(story) ? `break-glass, ${text(entry, 'why')}` : text(entry, 'why');
      break;
    case 'denied':
    case 'lapsed':
    case 'withdrawn':
    case 'unanswered':
      story.state = text(entry, 'event');
      break;
    default:
  }
}

function addReview(story: Story, entry: Entry): void {
  if (story.reviews.length >= mostReviews) return;
  const by = entry['by'];
  const reason = text(entry, 'reason');
  story.reviews.push({
    verdict: text(entry, 'verdict') || 'reviewed',
    by: typeof by === 'string' ? by : (personIn(by)?.login ?? ''),
    ...(reason === '' ? {} : { reason }),
  });
}

function grant(story: Story, entry: Entry): void {
  story.state = 'granted';
  story.grant = text(entry, 'grant');
  if (text(entry, 'auto') !== '') story.auto = text(entry, 'auto');
  const windowMs = Number(entry['end']) - Number(entry['start']);
  if (story.extends === undefined && Number.isFinite(windowMs)) story.grantedMs = windowMs;
}

function personIn(value: unknown): Person | undefined {
  const found = value as Partial<Person> | null | undefined;
  return typeof found?.login === 'string' ? (found as Person) : undefined;
}

function text(entry: Entry, key: string): string {
  const value = entry[key];
  return typeof value === 'string' ? value : '';
}
