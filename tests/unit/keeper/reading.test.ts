// The verb `reading`: who reads a recording is journaled by name before the answer, and without the record there is no answer.
import { beforeEach, expect, test } from '@jest/globals';
import type { Context } from '../../../src/keeper/context.ts';
import type { Conversation } from '../../../src/keeper/conversation.ts';
import type { Visitor } from '../../../src/keeper/identity/visitor.ts';
import { reading } from '../../../src/keeper/verbs/reading.ts';
import { parseCommand, type Command } from '../../../src/wire/grammar.ts';
import { memoryJournal, type MemoryJournal } from './fakes.ts';

let journal: MemoryJournal;
beforeEach(() => {
  journal = memoryJournal(async () => Promise.resolve());
});

/** What root types, with the login that the kernel keeps behind it. */
async function typed(text: string, login = 'carol', query?: string): Promise<void> {
  const context = {
    host: 'prod-box',
    journal,
    onCall: { duty: async () => Promise.resolve({}) },
  } as unknown as Context;
  const visitor = { local: true, login, hello: { query } } as unknown as Visitor;
  const { command } = parseCommand(text) as { command: Command };
  await reading(context, {} as Conversation, visitor, command);
}

test('the record has what is read, by whom and why', async () => {
  await typed('reading replay azpt0y3fcs --reason INC-1 what happened');
  await typed('reading find', 'root', '/drop\u001b[31m table/');
  expect(journal.lines).toEqual([
    {
      ...{ event: 'recording-read', what: 'replay', connection: 'AZPT0Y3FCS', query: undefined },
      ...{ by: 'root (carol)', reason: 'INC-1 what happened' },
    },
    {
      ...{ event: 'recording-read', what: 'find', connection: undefined, query: '/drop\ufffd[31m table/' },
      ...{ by: 'root', reason: undefined },
    },
  ]);
});

test('before evidence of a period a head is written, behind the record of who makes it; before other evidence none', async () => {
  await typed('reading evidence', 'root', 'AZPT0Y3FCS');
  expect(journal.lines.map(({ event }) => event)).toEqual(['recording-read']);
  await typed('reading evidence', 'root', '2026-Q3');
  expect(journal.lines.map(({ event }) => event)).toEqual(['recording-read', 'recording-read', 'head']);
});

test.each([
  ['reading everything', 'Say what is read'],
  ['reading replay a@b', 'Not an id: "a@b"'],
])('"%s" is refused, and nothing is written', async (text, problem) => {
  await expect(typed(text)).rejects.toMatchObject({
    code: 'BAD_COMMAND',
    names: { problem: expect.stringContaining(problem) },
  });
  expect(journal.lines).toEqual([]);
});

test('a journal that cannot be written refuses the reading', async () => {
  journal.full = true;
  await expect(typed('reading replay AZPT0Y3FCS')).rejects.toMatchObject({ code: 'JOURNAL_DOWN' });
});
