// Who may follow live connections: for the host, or for a session in place of that.
import { expect, test } from '@jest/globals';
import { parseConfig } from '../../../src/config/load.ts';
import { options, problemsOf, smallest } from './sample.ts';

const of = (text: string) => parseConfig(text, options).sessions['prod-db']?.auditors;
const source = "on_call: { primary: { command: ['/etc/tmux-gate/on-call'] } }\n";

test('nobody unless the policy says so; those of the host, or the session’s own in their place', () => {
  expect(of(smallest)).toBeUndefined();
  const host = `${smallest}    AUDITORS\nauditors: { groups: [audit] }\n`;
  expect(of(host.replace('    AUDITORS\n', ''))).toEqual({ groups: ['audit'] });
  expect(of(`${host.replace('AUDITORS', 'auditors: { on_call: [primary] }')}${source}`)).toEqual({
    ...{ groups: [], onCall: ['primary'] },
  });
  expect(of(host.replace('AUDITORS', 'auditors: {}'))).toBeUndefined();
});

test.each([
  ['auditors: { groups: [] }', 'auditors.groups', /./],
  ['auditors: { on_call: [primary] }', 'auditors.on_call[0]', /There is no "primary" under on_call/],
  ['auditors: { who: [audit] }', 'auditors.who', /./],
  ['auditors: [audit]', 'auditors', /./],
])('refused: %s, of the host and of a session', (text, path, sentence) => {
  const problem = expect.stringMatching(sentence);
  expect(problemsOf(`${smallest}${text}\n`)).toContainEqual(expect.objectContaining({ path, problem }));
  expect(problemsOf(`${smallest}    ${text}\n`)).toContainEqual(
    expect.objectContaining({ path: `sessions.prod-db.${path}`, problem }),
  );
});
