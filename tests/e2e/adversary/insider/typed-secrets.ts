// A recording of typed input catches a secret (before its prompt, at a prompt in raw mode, with the keeper stopped), or `stty -echo` leaves no trace.
import { expect } from '@jest/globals';
import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { Attack } from '../../../harness/attack.ts';
import { expectSoon, homeOf, textOf, withdraw } from '../../../harness/in-session.ts';
import { enter } from '../../../harness/inside.ts';

/** What a recording has of one kind, while it is written or after. */
function recorded(file: string, code: 'i' | 'm'): string {
  if (!existsSync(file)) return '';
  const lines = readFileSync(file, 'utf8').split('\n').slice(1, -1);
  const events = lines.map((line) => JSON.parse(line) as [number, string, string]);
  return events
    .filter(([, is]) => is === code)
    .map(([, , data]) => data)
    .join(code === 'm' ? '\n' : '');
}

/** After this time a raw terminal counts as what reads (src/gate/typed-input.ts), so that only its prompt tells that a secret is typed. */
const rawForGoodMs = 1000;

const relay = (what: string, piece: string, becomes: string) => ({
  ...{ what, mutations: [{ file: 'relay.js', piece, becomes }] },
});

export const attack: Attack = {
  guards: [
    relay(
      'what is typed ahead waits until it is known who reads it',
      'const since = state.calm ? void 0 : state.since;',
      'const since = void 0;',
    ),
    {
      what: "the policy's prompts for a secret",
      mutations: [
        {
          file: 'keeper',
          piece: 'const prompts = rows.map(isPrompt(session));',
          becomes: 'const prompts = rows.map(() => false);',
        },
      ],
    },
    relay(
      'no key is kept that no look has seen',
      'if (ttys === void 0) judge(state, "unknown", (piece) => piece.at <= state.asked);',
      'if (ttys === void 0) shown(state, [{ tty: 0, is: "raw" }], now);',
    ),
    relay('a marker for what is not kept', 'recorder.marker(keysNotKept(keys, why), at)', 'void 0'),
  ],
  run: async (host) => {
    const inside = await enter(host, host.people.alice, { session: 'prod-in' });
    const { terminal, recording } = inside;
    const typed = (): string => recorded(recording, 'i');
    const markers = (): string => recorded(recording, 'm');
    /** Keys that were typed without echo; a program that is over before anybody looked leaves them typed ahead. */
    const notSeen = (): number =>
      [...markers().matchAll(/^(\d+) keys? not kept: (?:echo off|typed ahead and not shown)$/gm)]
        .map(([, count]) => Number(count))
        .reduce((sum, count) => sum + count, 0);
    /** Types at the shell. Keys that come before a look has seen that echo is on again are not kept, and a marker says so. */
    const isKept = async (text: string): Promise<boolean> => {
      const lost = markers().length;
      terminal.type(text);
      await expectSoon(() => expect([typed().endsWith(text), markers().length > lost]).toContain(true));
      return typed().endsWith(text);
    };
    /** The shell reads, and what is typed at it is kept; then the line is empty again. */
    const settle = async (n: string): Promise<void> => {
      await terminal.until(`over-${n}.`);
      while (!(await isKept(`: so-far-${n}`))) terminal.type('\u0015');
      terminal.type('\u0015');
      await expectSoon(() => expect(typed()).toMatch(/\u0015$/));
    };
    terminal.type('echo over-$((0 + 0)).\r');
    await settle('0');
    terminal.type('echo asks-$((1 + 0)).; read -s x; echo over-$((1 + 0)).\rAhead-secret\r');
    await terminal.until('asks-1.');
    terminal.type('\r'); // what was typed while the shell read ends no line for `read`
    await settle('1');
    terminal.type("read -s -n 40 -p 'Frage-'$((2 + 0))': Geheimwort? ' x; echo over-$((2 + 0)).\r");
    await terminal.until('Frage-2: Geheimwort? ');
    await delay(rawForGoodMs); // no event tells it
    terminal.type('Prompt-secret\r');
    await settle('2');
    host.keeper.kill('SIGSTOP');
    try {
      terminal.type('Unseen-secret');
      await expectSoon(() => expect(markers()).toMatch(/^\d+ keys not kept: the terminal could not be looked at$/m));
    } finally {
      host.keeper.kill('SIGCONT');
    }
    const before = notSeen();
    terminal.type('\u0015stty -echo; echo off-$((0 + 0)).; cat > ~/hidden; stty echo; echo over-$((3 + 0)).\r');
    await terminal.until('off-0.');
    terminal.type('Hidden-command\r');
    await expectSoon(() => expect(textOf(`${homeOf(host)}/hidden`)).toBe('Hidden-command\n'));
    terminal.type('\u0004');
    await settle('3');
    await expectSoon(() => expect(notSeen() - before).toBeGreaterThanOrEqual('Hidden-command\r'.length));
    for (const secret of ['Ahead', 'Prompt', 'Unseen', 'Hidden']) {
      expect(typed()).not.toContain(`${secret}-`);
      expect(markers()).not.toContain(`${secret}-`);
    }
    await withdraw(host, inside);
  },
};
