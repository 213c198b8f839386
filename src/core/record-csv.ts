// A record of the journal as a row of a table.
import { asciiJson } from './text.ts';

/** The columns: what most records have, and the rest as JSON. */
export const recordColumns = [
  ...['n', 'at', 'host', 'event', 'login', 'identity', 'by', 'session', 'request', 'grant', 'connection'],
  ...['reason', 'why', 'more'],
] as const;

const proofs: ReadonlySet<string> = new Set(['prev', 'seal']);

/** The cells of a record. */
export function recordCells(record: Readonly<Record<string, unknown>>): readonly string[] {
  const columns: readonly string[] = recordColumns;
  const rest = Object.entries(record).filter(([name]) => !columns.includes(name) && !proofs.has(name));
  const own = recordColumns.slice(0, -1).map((name) => textOf(record[name]));
  return [...own, rest.length === 0 ? '' : asciiJson(Object.fromEntries(rest))];
}

/** A person is shown by the claim that names them, or by the login. */
function textOf(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (typeof value === 'string') return value;
  const { claim, login } = value as { readonly claim?: unknown; readonly login?: unknown };
  return [claim, login].find((name) => typeof name === 'string') ?? asciiJson(value);
}
