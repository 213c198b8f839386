import { expect, test } from '@jest/globals';
import { openLinks, type LinksDeps } from '../../../src/keeper/links/links.ts';
import { digest, policy, request } from '../core/sample.ts';

test('a notice that cannot be made is logged, and ends no keeper', async () => {
  const logged = Promise.withResolvers<unknown>();
  const deps = {
    now: Date.now,
    config: { sessions: { [policy.name]: policy } },
    onCall: { duty: () => Promise.reject(new Error('no word')) },
    log: { error: (event: string, { request: id }: { request: string }) => logged.resolve([event, id]) },
  } as unknown as LinksDeps;
  openLinks(deps, () => undefined).announce({ facts: request, digest });
  const late = new Promise((resolve) => setTimeout(resolve, 1_000, 'nothing'));
  expect(await Promise.race([logged.promise, late])).toEqual(['link-failed', request.id]);
});
