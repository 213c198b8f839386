// What the policy says of the keys of a person in a session: mode, moderated, idle.
import { expect, test } from '@jest/globals';
import { parseConfig } from '../../../src/config/load.ts';
import { options, problemsOf, smallest } from './sample.ts';

const path = (key: string): string => `sessions.prod-db.${key}`;

test.each([
  ['a warning at the end', 'idle: { warn: 15m, end: 15m }', path('idle.warn'), /not before the end, 15m/],
  ['half an idle', 'idle: { warn: 15m }', path('idle.end'), /missing/],
  ['an idle in half seconds', 'idle: { warn: 500ms, end: 2s }', path('idle.warn'), /not a duration/],
  ['a dedicated session', 'moderated: true\n    kind: dedicated', path('moderated'), /Nobody else gets into/],
  [
    'one in which nobody types',
    'moderated: true\n    mode: view',
    path('moderated'),
    /Nobody types where mode is view/,
  ],
  ['one for one person', 'moderated: true\n    max_connections: 1', path('moderated'), /two must fit; raise max_conn/],
  ['an unknown mode', 'mode: read', path('mode'), /type or view/],
  [
    'an example that does not fit',
    "reason: { pattern: '^INC-', example: 'look at it' }",
    path('reason.example'),
    /does not match the pattern/,
  ],
  ['moderated in quotes', 'moderated: "yes"', path('moderated'), /true or false/],
] as const)('refused: %s', (_, text, at, sentence) => {
  expect(problemsOf(`${smallest}    ${text}\n`)).toContainEqual(
    expect.objectContaining({ path: at, problem: expect.stringMatching(sentence) }),
  );
});

test('taken as it is written', () => {
  const text = `${smallest}    moderated: true\n    max_connections: 2\n    idle: { warn: 10m, end: 15m }\n`;
  expect(parseConfig(text, options).sessions['prod-db']).toMatchObject({
    ...{ mode: 'type', moderated: true, maxConnections: 2 },
    idle: { warnMs: 600_000, endMs: 900_000 },
  });
  const reason = { pattern: '^INC-[0-9]+ ', hint: 'ticket first', example: 'INC-4711 replica lag' };
  const spelled = `${smallest}    reason: ${JSON.stringify(reason)}\n`;
  expect(parseConfig(spelled, options).sessions['prod-db']?.reason).toEqual(reason);
  expect(problemsOf(`${smallest}    reason: { pattern: '(', example: 'x' }\n`)).toHaveLength(1);
  expect(parseConfig(`${smallest}    mode: view\n`, options).sessions['prod-db']?.mode).toBe('view');
});
