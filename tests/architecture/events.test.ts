// What the journal and notices say is in docs/events.md; and nobody writes a record past the table of events.
import { expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventsDocument } from '../../scripts/docs/events.ts';
import { sources, top } from './sources.ts';

test('docs/events.md is what the code says (scripts/events-doc.ts --write)', () => {
  expect(readFileSync(join(top, 'docs/events.md'), 'utf8')).toBe(eventsDocument());
});

test('only the outbox, whose entries come from disk, writes records that the compiler does not check', () => {
  const unchecked = /\bUncheckedJournal\b|\bwrite\(event: string\b/;
  const files = sources('src/**/*.ts').filter(({ text }) => unchecked.test(text));
  expect(files.map(({ path }) => path)).toEqual(['src/adapters/journal/journal.ts', 'src/keeper/state/outbox.ts']);
});
