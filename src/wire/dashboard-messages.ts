// The messages between the keeper and a dashboard. The keeper sends facts; dashboard-draw.ts decides what they look like. A key that acts
// names the id that the person selected and saw, never a position in a list.
import { boolean, integer, list, object, oneOf, optional, text } from '../core/shape.ts';

const id = text(16, /^[0-9A-Z]+$/);
const instant = integer(0);

export const partNames = ['requests', 'grants', 'connections'] as const;
export type PartName = (typeof partNames)[number];

/** Rows of one part that are sent; of the others only the number is (`more`). */
export const mostRows = 100;

/** A text, or an instant (ms) from or to which the dashboard counts by itself, so that no message is sent every second. */
const cell = object({ text: optional(text(200)), since: optional(instant), until: optional(instant) });

const row = object({
  id,
  /** The id that `approve`, `deny` or `revoke` takes: that of a request or grant; for a connection, that of its grant. */
  of: id,
  cells: list(cell, 8),
  /** All details, one fact a line. */
  facts: list(text(700), 16),
  /** Whether it belongs to the person who watches. */
  own: boolean,
});

const part = object({
  name: oneOf(...partNames),
  rows: list(row, mostRows),
  more: integer(0),
  /** Why rows cannot be shown, if something is down; else ''. */
  problem: text(600),
});

/** Keeper to dashboard: everything that it shows. */
export const dashboard = object({
  t: oneOf('dashboard'),
  host: text(64),
  /** The number of the last `act` that is finished, and its result for the person in `says`. */
  answered: integer(0),
  says: list(text(600), 8),
  parts: list(part, partNames.length),
});

export const actVerbs = ['approve', 'deny', 'revoke'] as const;

/** Dashboard to keeper: approve, deny or revoke this id. `n` counts from 1; `cols` and `rows` are the terminal's size now. */
export const act = object({
  t: oneOf('act'),
  n: integer(1),
  verb: oneOf(...actVerbs),
  id,
  reason: optional(text(400)),
  cols: integer(1, 10_000),
  rows: integer(1, 10_000),
});

/** Dashboard to keeper: the person leaves. */
export const leave = object({ t: oneOf('leave') });

export type DashboardCell = NonNullable<ReturnType<typeof cell>>;
export type DashboardRow = NonNullable<ReturnType<typeof row>>;
export type DashboardPart = NonNullable<ReturnType<typeof part>>;
export type DashboardFrame = NonNullable<ReturnType<typeof dashboard>>;
export type Act = NonNullable<ReturnType<typeof act>>;
export type ActVerb = Act['verb'];
export type DashboardKey = Act | NonNullable<ReturnType<typeof leave>>;
