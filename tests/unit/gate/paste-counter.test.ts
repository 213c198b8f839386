import { expect, test } from '@jest/globals';
import { pasteCounter } from '../../../src/gate/paste-counter.ts';

test('each paste is counted in characters, from its first key, however it is cut; an end without a beginning is none', () => {
  const said: [number, number][] = [];
  const take = pasteCounter((characters, at) => said.push([characters, at]));
  take('x\u001b[200~ab', 500);
  take('c😀\u001b[201~y', 501);
  take('\u001b[201~', 502);
  take('\u001b[200~\u001b[201~', 503);
  expect(said).toEqual([
    [4, 500],
    [0, 503],
  ]);
});
