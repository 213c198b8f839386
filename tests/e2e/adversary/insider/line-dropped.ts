// The line is cut at the worst moments (waiting, just after "go", half a line typed, at the end): no byte, no end of file, no process stays.
import { expect } from '@jest/globals';
import type { Host } from '../../../../scripts/sandbox/host.ts';
import type { Terminal } from '../../../../scripts/sandbox/terminal.ts';
import type { Attack } from '../../../harness/attack.ts';
import { gates } from '../../../harness/around.ts';
import {
  clientOf,
  expectNobodyLeft,
  expectNoConnection,
  expectSoon,
  homeOf,
  ofSession,
  startIn,
  textOf,
  withdraw,
} from '../../../harness/in-session.ts';
import { ask, comeBack, connections, enter } from '../../../harness/inside.ts';

export const attack: Attack = {
  guards: [
    {
      what: 'a lost line delivers nothing (util-linux script types Ctrl-D)',
      mutations: [
        {
          file: 'relay.js',
          piece: 'const lost = () => finish(lineLost);',
          becomes:
            'const lost = () => (running.keys.write(Buffer.from("\\x04\\x04")), setTimeout)(finish, 200, lineLost);',
        },
      ],
    },
    {
      what: 'the keeper ends what a lost line leaves',
      mutations: [
        {
          file: 'keeper',
          piece: 'await context.connections.end(connection, { why, lines: [], exit: 0 });',
          becomes: '',
        },
      ],
    },
  ],
  run: async (host) => {
    const { alice } = host.people;
    const { terminal } = await ask(host, alice);
    await expectDropped(host, terminal);
    const inside = await enter(host, alice);
    await expectHalfLineStays(host, inside);
    const justIn = alice.ssh(['-t', 'prod-db']);
    await justIn.until(/until \d\d:\d\d:\d\d UTC \(/);
    await expectDropped(host, justIn);
    const stubborn = await comeBack(host, alice);
    const client = clientOf(host, stubborn);
    startIn(host, stubborn, [
      `tmux detach-client -E 'trap "" HUP TERM; echo $$ > ~/stays; while :; do sleep 4001; done'`,
    ]);
    await expectSoon(() => expect(textOf(`${homeOf(host)}/stays`)).toBe(`${String(client)}\n`));
    await expectDropped(host, stubborn.terminal);
    expect(ofSession(host).filter((line) => line.includes('4001'))).toEqual([]);
    const last = await comeBack(host, alice);
    void withdraw(host, last);
    await expectDropped(host, last.terminal);
    await expectNobodyLeft(host);
  },
};

/** A program reads the keyboard; the line that is half typed never comes to it, and neither does an end of file. */
async function expectHalfLineStays(host: Host, inside: Awaited<ReturnType<typeof enter>>): Promise<void> {
  startIn(host, inside, ['echo "reads-$((1+1))"; cat > ~/typed; echo ended > ~/typed-ended']);
  await inside.terminal.until('reads-2');
  inside.terminal.type('half');
  await inside.terminal.until('half');
  await expectDropped(host, inside.terminal);
  expect(catsOf(host).length).toBe(1);
  expect([textOf(`${homeOf(host)}/typed`), textOf(`${homeOf(host)}/typed-ended`)]).toEqual(['', '']);
  const back = host.people.alice.ssh(['-t', 'prod-db']);
  await back.until('half');
  back.type('\u0003');
  await expectSoon(() => expect(catsOf(host)).toEqual([]));
  expect(connections(host.layout).length).toBe(1);
  await expectDropped(host, back);
}

const catsOf = (host: Host): readonly string[] => ofSession(host).filter((line) => line.endsWith(' cat'));

/** The engineer's own client dies without a word: neither gate nor client nor state of the connection stays. */
async function expectDropped(host: Host, terminal: Terminal): Promise<void> {
  terminal.kill('SIGKILL');
  await terminal.exit;
  await expectNoConnection(host);
  await expectSoon(() => expect(gates(host.layout)).toEqual([]));
}
