import { expect, test } from '@jest/globals';
import { plainnessOf } from '../../../src/wire/plain.ts';

test.each<[NodeJS.ProcessEnv, string, boolean, boolean]>([
  [{}, '', false, true],
  [{ TERM: 'xterm', NO_COLOR: '', TMUX_GATE_PLAIN: '' }, 'prod-db', false, true],
  [{ NO_COLOR: '1' }, 'prod-db', false, false],
  [{ TERM: 'dumb' }, '', true, false],
  [{ TMUX_GATE_PLAIN: '1' }, '', true, false],
  [{}, '--plain', true, false],
  [{}, 'prod-db --plain --for 5m --reason INC-1', true, false],
  [{}, 'prod-db --reason the screen needs --plain', false, true],
  [{}, '--reason --plain', false, true],
  [{}, 'prod-db --plainer', false, true],
])('%j with "%s" is plain: %j, in colour: %j', (env, command, plain, colour) => {
  expect(plainnessOf(env, command)).toEqual({ plain, colour });
});
