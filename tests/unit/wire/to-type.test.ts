import { describe, expect, test } from '@jest/globals';
import { refusals } from '../../../src/core/refusals.ts';
import { refusal } from '../../../src/core/refusal.ts';
import { before, toType } from '../../../src/wire/to-type.ts';
import { isHostCommand, isVerb, specOf, verbNames } from '../../../src/wire/verbs.ts';

const here = { host: 'prod-box', local: true } as const;
const there = { host: 'prod-box', local: false } as const;

test.each([
  [
    'see your sessions: ssh prod-box sessions; all commands: ssh prod-box help',
    'see your sessions: tmux-gate sessions; all commands: tmux-gate help',
  ],
  ['use: ssh -t prod-box watch', 'use: tmux-gate watch'],
  ['use: ssh prod-box break-glass review --reason x', 'use: tmux-gate break-glass review --reason x'],
  // Attaching is for others; a name that begins like a verb is none; another host is not here.
  ['ask again: ssh -t prod-box prod-db', 'ask again: ssh -t prod-box prod-db'],
  ['ask again: ssh -t prod-box watch-db', 'ask again: ssh -t prod-box watch-db'],
  ['open one: ssh -t prod-box; see: ssh prod-box help', 'open one: ssh -t prod-box; see: tmux-gate help'],
  ['ssh prod-box attach prod-db', 'ssh prod-box attach prod-db'],
  ['ssh prod-box2 grants', 'ssh prod-box2 grants'],
  // Whoever is root there is the admin, of that host alone.
  ['tell an admin of prod-box: Redis is down', 'Redis is down'],
  ['if it fails again, tell an admin of prod-box: df -h', 'if it fails again, df -h'],
  ['tell an admin of prod-box2: df -h', 'tell an admin of prod-box2: df -h'],
])('"%s" is for root on the host "%s", and unchanged over ssh', (words, typed) => {
  expect(toType(words, here)).toBe(typed);
  expect(toType(words, there)).toBe(words);
});

test.each(verbNames)('%s begins as it is typed', (verb) => {
  const isRoots = specOf(verb).local === true;
  expect(before(verb, here)).toBe(verb === 'attach' ? 'ssh prod-box' : 'tmux-gate');
  expect(before(verb, there)).toBe(isRoots ? 'tmux-gate' : 'ssh prod-box');
});

describe('the hint of every refusal', () => {
  const names = {
    host: 'prod-box',
    session: 'prod-db',
    login: 'alice',
    request: 'K7QF',
    meant: 'approve',
    word: 'audit',
  };
  const hints = (Object.keys(refusals) as (keyof typeof refusals)[]).map((code) => [code, refusal(code, names).hint]);

  test.each(hints)('%s: names verbs to root as `tmux-gate VERB` alone', (_, hint) => {
    const typed = [...toType(hint, here).matchAll(/\bssh (?:-t )?prod-box ([a-z-]+)/g)].map(([, word]) => word ?? '');
    expect(typed.filter(isVerb)).toEqual([]);
  });

  test.each(hints)('%s: names `tmux-gate` over ssh only where it is said whose it is to type', (_, hint) => {
    const [said = ''] = hint.split('tmux-gate');
    const word = /tmux-gate ([a-z-]+)/.exec(hint)?.[1] ?? '';
    if (isVerb(word) || isHostCommand(word)) expect(said).toMatch(/\b(?:admin of|root on|on) prod-box/);
  });
});
