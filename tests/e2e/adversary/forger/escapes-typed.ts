// Escape sequences, bidi and invisible characters typed by one person for another: in a reason, a denial, a session's name, TERM, a
// revocation; read on terminals, in listings, history, the journal and notices.
import { expect } from '@jest/globals';
import { readFileSync } from 'node:fs';
import type { Attack } from '../../../harness/attack.ts';
import { ask, verb } from '../../../harness/inside.ts';
import { endsWithin, outcomeOf } from '../../../harness/outcome.ts';
import { expectHarmless, nastyWord } from '../../../harness/raw.ts';

export const attack: Attack = {
  guards: [
    {
      what: 'the filter of every text',
      mutations: [
        { file: 'keeper', piece: '.normalize("NFC").replace(unseen, replacement)', becomes: '.normalize("NFC")' },
      ],
    },
    {
      what: 'that a reason with what cannot be seen is refused',
      mutations: [
        { file: 'keeper', piece: 'if (holdsUnseen(reason)) return', becomes: 'if (false) return' },
        { file: 'keeper', piece: '.normalize("NFC").replace(unseen, replacement)', becomes: '.normalize("NFC")' },
      ],
    },
  ],
  run: async (host) => {
    const { alice, bob } = host.people;
    expect(await outcomeOf(alice)).toBe('asked');
    const hidden = alice.ssh(['-t', 'prod-db', `--for 5m --reason INC-1 ${nastyWord.replace(/[\r\n]/g, '')}`]);
    const [answer] = await hidden.until(/\[UNSEEN_REASON\]|Waiting for approval/);
    expect(answer).toBe('[UNSEEN_REASON]');
    expectHarmless(hidden.text);
    const odd = alice.ssh(['-t', nastyWord]);
    await odd.exit;
    expectHarmless(odd.text.replace(/^.*Connection to[^\n]*/m, ''));
    const { terminal, request } = await ask(host, alice);
    const denied = await verb(bob, ['deny', request, '--reason', nastyWord]);
    expectHarmless(denied.text);
    expect(await endsWithin(terminal, 20_000)).toBe(true);
    const shown = terminal.text.slice(terminal.text.indexOf('Waiting for approval'));
    expect(shown).toContain('[DENIED]');
    expectHarmless(shown.replace(/[█▀▄]/g, ''));
    for (const words of [
      ['history'],
      ['history', '--json'],
      ['requests'],
      ['audit', 'show'],
      ['audit', 'show', '--json'],
    ]) {
      const { stdout, stderr } = await host.cli(words);
      expectHarmless(stdout + stderr);
    }
    expectHarmless(readFileSync(`${host.root}/var/lib/tmux-gate/journal/journal.jsonl`, 'utf8'));
    expectHarmless(host.keeper.lines.join('\n'));
    for (const { body } of host.webhook.notices)
      for (const text of Object.values(body as Record<string, unknown>)) expectHarmless(String(text));
  },
};
