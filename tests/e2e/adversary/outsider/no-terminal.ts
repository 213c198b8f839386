// The gate is run with closed descriptors, files or sockets in the place of a terminal, to attach unseen.
import { expect } from '@jest/globals';
import { asAccount } from '../../../harness/around.ts';
import type { Attack } from '../../../harness/attack.ts';
import { comesTrue, gatePath, openMarks } from '../../../harness/from-outside.ts';
import { fromNow } from '../../../harness/refused.ts';

const socket =
  'use Socket; socketpair(my $a, my $b, AF_UNIX, SOCK_STREAM, 0); open STDIN, "<&", $a; open STDOUT, ">&", $a;';

export const attack: Attack = {
  guards: [
    {
      what: 'a terminal before anything is asked',
      mutations: [{ file: 'keeper', piece: 'if (!visitor.hello.tty) throw', becomes: 'if (false) throw' }],
    },
  ],
  run: async (host) => {
    using marks = openMarks(host);
    const later = await fromNow(host);
    const file = `${marks.folder}/file`;
    const start = `exec /usr/bin/sudo -n ${gatePath(host.layout)}`;
    const shells = [`${start} <&- >&- 2>&-`, `${start} </dev/null >${file}`, `${start} </etc/passwd`];
    const ways = [
      ...shells.map((line) => ['sh', '-c', line]),
      ['perl', '-e', `${socket} exec qw(sudo -n ${gatePath(host.layout)})`],
    ];
    const runs = ways.map(async (argv) =>
      asAccount(host.people.alice.login, argv, { SSH_ORIGINAL_COMMAND: 'prod-db' }),
    );
    const refused = async (): Promise<number> => {
      const records = (await later()).filter((record) => record['code'] === 'NO_PTY');
      return records.reduce((sum, record) => sum + Number(record['count'] ?? 1), 0);
    };
    expect(await comesTrue(async () => (await refused()) > 0)).toBe(true);
    expect((await Promise.all(runs)).map(({ code }) => code)).toEqual([64, 64, 64, 64]);
  },
};
