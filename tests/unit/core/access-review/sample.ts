// A journal to review, record by record, and the rows that come of it.
import { Accesses } from '../../../../src/core/access-review/accesses.ts';
import {
  rowsOf,
  type KnownLogin,
  type Review,
  type ReviewedSession,
  type Row,
} from '../../../../src/core/access-review/listing.ts';
import { parsePeriod, type Period } from '../../../../src/core/period.ts';
import { hour } from '../../../../src/core/time.ts';
import { person } from '../sample.ts';

export type Entry = Readonly<Record<string, unknown>>;

export const period = parsePeriod('2026-Q3') as Period;
export const [alice, bob, carol] = [person('alice'), person('bob'), person('carol')];
export const session: ReviewedSession = {
  ...{ name: 'prod-db', who: ['engineers', 'admins'], approvers: ['sessions.prod-db.approvers.groups: oncall'] },
  ...{ count: 1, approverGroups: ['oncall'], rules: [] },
};

export const on = (at: string, event: string, fields: object = {}): Entry => ({
  at: `${at}:00.000Z`,
  event,
  ...fields,
});
export const signIn = (at: string, who: typeof alice, ...groups: readonly string[]): Entry =>
  on(at, 'sign-in', { login: who.login, identity: { ...who, login: undefined }, groups });
export const granted = (at: string, who: typeof alice, fields: object = {}): Entry =>
  on(at, 'granted', { session: 'prod-db', grant: `G${at}`, who, approvers: [bob], ...fields });
export const connected = (at: string, who: object, connection: string, fields: object = {}): Entry =>
  on(at, 'connected', { session: 'prod-db', connection, identity: who, approvers: [bob], ...fields });
export const disconnected = (at: string, connection: string, fields: object = {}): Entry =>
  on(at, 'disconnected', { session: 'prod-db', connection, ...fields });
export const used = (at: string, login: string, grant: string): Entry =>
  on(at, 'break-glass', { session: 'prod-db', login, grant, code: 'C1AB' });
export const policy = (at: string, sha256: string, part = 1): Entry =>
  on(at, 'policy', { sha256, part, parts: 2, text: '' });

export interface Case {
  readonly sessions?: readonly string[];
  readonly logins?: readonly KnownLogin[];
  readonly now?: number;
  /** When the journal begins; empty: it has nothing. */
  readonly began?: string;
  readonly of?: Period;
}

export function reviewOf(
  records: readonly Entry[],
  { sessions, logins = [], now = period.to + hour, of = period, began = '2025-11-02T10:00' }: Case = {},
): Review {
  const found = new Accesses({ period: of, sessions });
  for (const record of began === '' ? records : [on(began, 'keeper-started'), ...records]) found.take(record);
  found.end(now);
  return { found, period: of, now, logins };
}

export const rowsIn = (records: readonly Entry[], given: Case = {}): readonly Row[] =>
  rowsOf(reviewOf(records, given), session);
export const kind = (rows: readonly Row[], what: Row['what']): readonly Row[] =>
  rows.filter((row) => row.what === what);
export const at = (text: string): number => Date.parse(`${text}:00.000Z`);
