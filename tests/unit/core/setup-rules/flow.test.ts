// How people sign in, as `init` proposes it (src/core/setup-rules/flow.ts).
import { expect, test } from '@jest/globals';
import { flowAnswered, proposedFlow } from '../../../../src/core/setup-rules/flow.ts';

test('device codes are proposed where the provider has an endpoint for them', () => {
  expect([proposedFlow(true), proposedFlow(false)]).toEqual(['device', 'code']);
});

test.each([
  ['', 'code'],
  ['device', 'device'],
  ['Both', 'both'],
  ['links', undefined],
])('the answer "%s" is %s', (said, flow) => {
  expect(flowAnswered(said, 'code')).toBe(flow);
});
