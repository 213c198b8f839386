// The population of a period: each decision that gave access, and the exceptions apart, as tables.
//
// 1. verify.sh makes the same tables from the same records, and compares every byte: whatever is changed here is changed there, and in VERIFY.md.
// 2. A decision belongs to the period by the `at` of its record (`granted`, `break-glass`), the first instant included and the last not.
//    Attack: an access is moved between periods until none has it.
// 3. What may be missing (an end, a review, a digest) never makes an access look better. Attack: the record that tells an exception is
//    left out.
import { csv } from '../csv.ts';
import { textOf, type Entry } from '../journal-entry.ts';
import type { Period } from '../period.ts';

const columns = [
  ...['n', 'at', 'access', 'kind', 'login', 'person', 'session', 'mode', 'reason', 'approvers', 'rule', 'until'],
  ...['extends', 'connections', 'ended', 'how'],
];
const exceptionColumns = ['n', 'at', 'kind', 'id', 'login', 'session', 'detail'];

/** Longer texts are cut: in a table one looks for what to read. In characters. */
const longest = 400;

const said = (entry: unknown, name: string): string =>
  Array.from(textOf(entry, name) ?? '')
    .slice(0, longest)
    .join('');
const claims = (value: unknown): string =>
  (Array.isArray(value) ? (value as readonly unknown[]) : []).map((one) => said(one, 'claim')).join('; ');
const second = (value: unknown): string =>
  typeof value === 'number' ? `${new Date(Math.floor(value / 1000) * 1000).toISOString().slice(0, 19)}Z` : '';
const numberOf = (entry: Entry, name: string): number => {
  const value = entry[name];
  return typeof value === 'number' ? value : 0;
};

interface Decision {
  readonly entry: Entry;
  connections: number;
  reviewed: boolean;
  end: { readonly at: string; readonly how: string } | undefined;
}

const glass = 'break-glass';

/** How an access ended, by the event that says so. */
const ends: ReadonlyMap<string, (entry: Entry) => string> = new Map([
  ['grant-ended', (entry: Entry) => said(entry, 'why')],
  ['grant-dropped', () => 'dropped'],
  ['break-glass-unfinished', () => 'unfinished'],
]);

const witnessEvents: ReadonlySet<string> = new Set(['witness-away', 'witness-back', 'witness-contradicts']);

/** Takes records in the order of the log, and makes the tables. */
export class Population {
  /** As records write instants (ISO 8601): such texts compare as the instants do. */
  readonly #from: string;
  readonly #to: string;
  readonly #decisions = new Map<string, Decision>();
  readonly #connections = new Map<string, Entry>();
  readonly #recorded = new Set<string>();
  readonly #others: { readonly entry: Entry; readonly kind: string; readonly detail: string }[] = [];

  constructor({ from, to }: Pick<Period, 'from' | 'to'>) {
    [this.#from, this.#to] = [new Date(from).toISOString(), new Date(to).toISOString()];
  }

  /** The ids of the accesses, which are those of their grants, in the order of the log. */
  get ids(): readonly string[] {
    return [...this.#decisions.keys()];
  }

  /** @returns whether the record is needed for the tables, whatever else is shown */
  take(entry: Entry): boolean {
    const event = said(entry, 'event');
    const how = ends.get(event);
    if (event === 'granted' || event === glass) return this.#decide(entry);
    if (event === 'connected') return this.#connect(entry);
    if (event === 'recording-closed' || event === 'recording-range') return this.#record(entry);
    if (how !== undefined) return this.#end(entry, how(entry));
    if (event === 'break-glass-reviewed') return this.#review(entry);
    return this.#other(entry, event);
  }

  /** Rule 2. */
  #isInside(entry: Entry): boolean {
    const at = said(entry, 'at');
    return at >= this.#from && at < this.#to;
  }

  #decide(entry: Entry): boolean {
    const isInside = this.#isInside(entry);
    const id = said(entry, 'grant');
    if (isInside) this.#decisions.set(id, { entry, connections: 0, reviewed: false, end: undefined });
    return isInside;
  }

  #connect(entry: Entry): boolean {
    const decision = this.#decisions.get(said(entry, 'grant'));
    if (decision !== undefined) decision.connections += 1;
    const isInside = this.#isInside(entry);
    if (isInside) this.#connections.set(said(entry, 'connection'), entry);
    return isInside || decision !== undefined;
  }

  #record(entry: Entry): boolean {
    const id = said(entry, 'connection');
    const hasDigest = entry['event'] === 'recording-range' || numberOf(entry, 'ranges') > 0;
    if (!hasDigest || !this.#connections.has(id) || this.#recorded.has(id)) return false;
    this.#recorded.add(id);
    return true;
  }

  #end(entry: Entry, how: string): boolean {
    const decision = this.#decisions.get(said(entry, 'grant'));
    if (decision === undefined) return false;
    decision.end = { at: said(entry, 'at'), how };
    return true;
  }

  #review(entry: Entry): boolean {
    const decision = this.#decisions.get(said(entry, 'grant'));
    if (decision === undefined) return false;
    decision.reviewed = true;
    return true;
  }

  #other(entry: Entry, event: string): boolean {
    const { accepted } = entry;
    const isAccepted = event === 'opened' && accepted !== undefined;
    if (!(isAccepted || witnessEvents.has(event)) || !this.#isInside(entry)) return false;
    const detail = isAccepted ? `${said(accepted, 'by')}: ${said(accepted, 'reason')}` : said(entry, 'witness');
    this.#others.push({ entry, kind: isAccepted ? 'journal-accepted' : event, detail });
    return true;
  }

  /** Whether each access has its end. */
  get isOver(): boolean {
    return [...this.#decisions.values()].every(({ end }) => end !== undefined);
  }

  /** population.csv, without its line ends. */
  table(): readonly string[] {
    return csv(columns, [...this.#decisions].map(rowOf));
  }

  /** exceptions.csv, without its line ends. */
  exceptions(): readonly string[] {
    const decided = [...this.#decisions].flatMap(([id, decision]) => exceptionsOf(id, decision));
    const unrecorded = [...this.#connections]
      .filter(([id]) => !this.#recorded.has(id))
      .map(([id, entry]) => exception(entry, 'no-recording', id, said(entry, 'grant')));
    const others = this.#others.map(({ entry, kind, detail }) => exception(entry, kind, '', detail));
    const all = [...decided, ...unrecorded, ...others].sort((a, b) => Number(a[0]) - Number(b[0]));
    return csv(exceptionColumns, all);
  }
}

function rowOf([id, { entry, connections, end }]: readonly [string, Decision]): readonly string[] {
  const isGlass = entry['event'] === glass;
  const { who } = entry;
  const rule = said(entry, 'auto');
  const kind = isGlass ? glass : rule === '' ? 'approved' : 'auto-approved';
  return [
    ...[String(numberOf(entry, 'n')), said(entry, 'at'), id, kind, said(isGlass ? entry : who, 'login')],
    ...[said(who, 'claim'), said(entry, 'session'), said(entry, 'mode'), said(entry, 'reason')],
    ...[claims(entry['approvers']), rule, second(entry['end']), said(entry, 'extends')],
    ...[String(connections), end?.at ?? '', end?.how ?? 'not over'],
  ];
}

const exception = (entry: Entry, kind: string, id: string, detail: string): readonly string[] => [
  ...[String(numberOf(entry, 'n')), said(entry, 'at'), kind, id],
  ...[said(entry, 'login') || said(entry['who'], 'login'), said(entry, 'session'), detail],
];

function exceptionsOf(id: string, { entry, reviewed }: Decision): readonly (readonly string[])[] {
  if (entry['event'] !== glass) {
    const rule = said(entry, 'auto');
    return rule === '' ? [] : [exception(entry, 'auto-approved', id, rule)];
  }
  const unreviewed = exception(entry, 'break-glass-unreviewed', id, said(entry, 'code'));
  return [exception(entry, glass, id, said(entry, 'reason')), ...(reviewed ? [] : [unreviewed])];
}
