// CSV for spreadsheets (RFC 4180, but with LF line ends).
//
// 1. A cell that a spreadsheet would compute is marked as text. Attack: a reason `=HYPERLINK(…)` in an auditor's file (owasp.org, CSV
//    injection).
import { sanitizeLine } from './text.ts';

/** Where a spreadsheet would begin a formula: at the start of a cell, whatever delimiter it splits at. */
const formula = /((?:^|[;,|\t])\s*)(?=[=+\-@])/g;

/** A row as a line, without its line end. */
export function csvLine(cells: readonly string[]): string {
  return cells.map(cellOf).join(',');
}

/** The rows as lines, the names of the columns first. */
export function csv(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  return [head, ...rows].map(csvLine);
}

function cellOf(text: string): string {
  const safe = sanitizeLine(text, 1000).replace(formula, "$1'");
  return /[",']|^\s|\s$/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
