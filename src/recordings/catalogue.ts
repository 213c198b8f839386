// Which recordings there are: what the journal says of each connection, beside the files that are there and the holds that are in force.
//
// The journal is not verified here, and nothing that is read here is evidence: `audit verify` and `evidence` do that.
import { parsed, wholeLines } from '../adapters/journal/read.ts';
import { readHolds, type Hold } from './holds.ts';
import { listRecordings, type ListedRecording } from '../adapters/recordings/list.ts';
import type { Layout } from '../wire/layout.ts';

/**
 * What there is of a recording: `live` while its connection goes on, `ended` and not yet compressed, `sealed`, `encrypted`, `purged` by
 * somebody, or `missing`.
 */
export type RecordingState = 'live' | 'ended' | 'sealed' | 'encrypted' | 'purged' | 'missing';

/** Who removed a recording, and why. */
export interface Purged {
  /** Instant, milliseconds. */
  readonly at: number;
  readonly by: string;
  readonly reason: string;
}

/** One recording, and the connection that it is of. Texts that the journal does not have are empty. */
export interface Recorded {
  /** The id of the connection. */
  readonly id: string;
  /** When it began: instant, milliseconds. */
  readonly at: number;
  readonly login: string;
  readonly identity: string;
  readonly session: string;
  readonly request: string;
  readonly grant: string;
  /** The tmux server: who is attached to the same one sees the same. */
  readonly server: string;
  readonly reason: string;
  /** Who approved, by claim, or the rule that did. */
  readonly approvedBy: string;
  /** Undefined when the end is not known. */
  readonly lastedMs: number | undefined;
  readonly state: RecordingState;
  /** Who keeps it from being purged, since when and why; undefined when nobody does. */
  readonly hold: Omit<Hold, 'connection'> | undefined;
  /** Of its file; undefined when there is none. */
  readonly bytes: number | undefined;
  readonly purged: Purged | undefined;
  /** The path without ending, for `openRecording`; undefined when there is no file. */
  readonly base: string | undefined;
}

interface Draft {
  at: number;
  end: number | undefined;
  login: string;
  identity: string;
  session: string;
  request: string;
  grant: string;
  server: string;
  reason: string;
  approvedBy: string;
  purged: Purged | undefined;
}

/** The events that are read. A text in a record cannot look like one, since its quotes are escaped. */
const told = /"event":"(?:connected|disconnected|recording-(?:closed|purged))"/;

/** Every recording that the journal, the folder or a hold knows, the oldest first. @throws Error of the system */
export async function catalogueOf(
  layout: Pick<Layout, 'journal' | 'recordings' | 'connections' | 'holds'>,
  isLive: (connection: string) => boolean,
): Promise<readonly Recorded[]> {
  const drafts = await draftsOf(layout.journal);
  const files = new Map<string, ListedRecording>();
  for await (const file of listRecordings(layout.recordings)) files.set(file.id, file);
  for (const [id, { day }] of files) if (!drafts.has(id)) drafts.set(id, { ...unknown(), at: Date.parse(day) });
  const holds = new Map((await readHolds(layout.holds)).map(({ connection, ...hold }) => [connection, hold]));
  for (const [id, { at }] of holds) if (!drafts.has(id)) drafts.set(id, { ...unknown(), at });
  const all = [...drafts].map(([id, draft]) => ({
    ...recorded(id, draft, files.get(id), isLive(id)),
    hold: holds.get(id),
  }));
  return all.sort((one, other) => one.at - other.at);
}

function recorded(
  id: string,
  draft: Draft,
  file: ListedRecording | undefined,
  isLive: boolean,
): Omit<Recorded, 'hold'> {
  const { end, ...facts } = draft;
  const lastedMs = end === undefined ? undefined : end - draft.at;
  const state = stateOf(file, draft.purged !== undefined, isLive && end === undefined);
  return { id, ...facts, lastedMs, state, bytes: file?.bytes, base: file?.base };
}

function stateOf(file: ListedRecording | undefined, isPurged: boolean, isLive: boolean): RecordingState {
  if (file === undefined) return isPurged ? 'purged' : 'missing';
  return file.kind === 'plain' ? (isLive ? 'live' : 'ended') : file.kind;
}

async function draftsOf(journal: string): Promise<Map<string, Draft>> {
  const drafts = new Map<string, Draft>();
  for await (const text of wholeLines(journal)) {
    const record = told.test(text) ? parsed(text) : undefined;
    const id = record?.['connection'];
    if (record === undefined || typeof id !== 'string') continue;
    if (record['event'] === 'connected') drafts.set(id, begun(record));
    else hear(drafts.get(id), record);
  }
  return drafts;
}

type Entry = Readonly<Record<string, unknown>>;

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
const instantOf = (record: Entry): number => Date.parse(textOf(record['at']));

function unknown(): Draft {
  return {
    ...{ at: 0, end: undefined, login: '', identity: '', session: '', request: '', grant: '' },
    ...{ server: '', reason: '', approvedBy: '' },
    purged: undefined,
  };
}

function begun(record: Entry): Draft {
  const { login, session, request, grant, identity } = record;
  return {
    ...unknown(),
    ...{ at: instantOf(record), login: textOf(login), session: textOf(session), request: textOf(request) },
    ...{ grant: textOf(grant), identity: textOf((identity as Entry | undefined)?.['claim']) },
    ...{ server: textOf(record['server']), reason: textOf(record['reason']), approvedBy: approvedBy(record) },
  };
}

function approvedBy({ approvers, auto }: Entry): string {
  const people = Array.isArray(approvers) ? approvers : [];
  const names = people.map((person) => textOf((person as Entry | null)?.['claim']));
  return [...names, textOf(auto)].filter((name) => name !== '').join(', ');
}

function hear(draft: Draft | undefined, record: Entry): void {
  if (draft === undefined) return;
  if (record['event'] === 'recording-purged')
    draft.purged = { at: instantOf(record), by: textOf(record['by']), reason: textOf(record['reason']) };
  else draft.end ??= instantOf(record);
}

/** The recordings that a word names: the id of a connection or how one begins, of a grant or of a request. */
export function namedBy(all: readonly Recorded[], id: string): readonly Recorded[] {
  const exact = all.filter((one) => one.id === id);
  if (exact.length > 0) return exact;
  return all.filter((one) => one.request === id || one.grant === id || one.id.startsWith(id));
}
