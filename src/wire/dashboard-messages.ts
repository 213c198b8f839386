// What the keeper and a board on a terminal say to each other. The keeper names facts; what they look like is the board's
// affair (board-draw.ts). A key that acts carries the id that the person had selected and saw, never a place in a list.
import { boolean, integer, list, object, oneOf, optional, text } from '../core/shape.ts';

const id = text(16, /^[0-9A-Z]+$/);
const instant = integer(0);

export const partNames = ['requests', 'grants', 'connections'] as const;
export type PartName = (typeof partNames)[number];

/** Rows of one part that a board shows; with the rest it says how many more there are. */
export const mostRows = 100;

/** A text, or an instant that the board counts from or to by itself, so that a second that passes costs no message. */
const cell = object({ text: optional(text(200)), since: optional(instant), until: optional(instant) });

const row = object({
  id,
  /** What `approve`, `deny` or `revoke` would name: of a connection, its grant. */
  of: id,
  cells: list(cell, 8),
  /** The whole of it, a fact a line. */
  facts: list(text(700), 16),
  /** Whether it is the watching person's own. */
  own: boolean,
});

const part = object({
  name: oneOf(...partNames),
  rows: list(row, mostRows),
  more: integer(0),
  /** Why there are no rows to show, where something is down. */
  problem: text(600),
});

export const dashboard = object({
  t: oneOf('board'),
  host: text(64),
  /** The number of the last act that has been dealt with, and what came of it. */
  answered: integer(0),
  says: list(text(600), 8),
  parts: list(part, partNames.length),
});

export const actVerbs = ['approve', 'deny', 'revoke'] as const;

export const act = object({
  t: oneOf('act'),
  n: integer(1),
  verb: oneOf(...actVerbs),
  id,
  reason: optional(text(400)),
  cols: integer(1, 10_000),
  rows: integer(1, 10_000),
});

export const leave = object({ t: oneOf('leave') });

export type DashboardCell = NonNullable<ReturnType<typeof cell>>;
export type DashboardRow = NonNullable<ReturnType<typeof row>>;
export type DashboardPart = NonNullable<ReturnType<typeof part>>;
export type DashboardFrame = NonNullable<ReturnType<typeof dashboard>>;
export type Act = NonNullable<ReturnType<typeof act>>;
export type ActVerb = Act['verb'];
export type DashboardKey = Act | NonNullable<ReturnType<typeof leave>>;
