// A login reads or writes journal, keys, recordings, policy, what the keeper knows of connections, or the programs.
import { expect } from '@jest/globals';
import { existsSync } from 'node:fs';
import { must } from '../../../../scripts/sandbox/exec.ts';
import type { Host } from '../../../../scripts/sandbox/host.ts';
import { perlAs } from '../../../harness/around.ts';
import type { Attack, Guard } from '../../../harness/attack.ts';
import { enter, type Inside } from '../../../harness/inside.ts';

const opened = (what: string, path: (host: Host) => string): Guard => ({
  what,
  remove: async (host) => {
    await must('chmod', ['-R', 'a+rwX', path(host)]);
  },
});

function guarded({ root, layout: { run, etc } }: Host, { id, recording }: Inside): readonly string[] {
  const state = ['journal/journal.jsonl', 'keys/host.jwk', 'pins.json', 'refresh.json'];
  return [
    ...state.map((name) => `${root}/var/lib/tmux-gate/${name}`),
    recording,
    `${run}/c/${id}.json`,
    `${etc}/config.yaml`,
  ];
}

const closed = ({ root, layout: { run, etc, lib, home, keys } }: Host, login: string): readonly string[] => [
  ...['', '/journal', '/recordings', '/keys'].map((name) => `${root}/var/lib/tmux-gate${name}`),
  ...[run, `${run}/c`, `${run}/redis`, `${run}/s`, etc, lib, keys, `${home}/${login}`],
];

export const attack: Attack = {
  guards: [
    opened('the mode of the journal', ({ root }) => `${root}/var/lib/tmux-gate/journal`),
    opened('the mode of the keys', ({ root }) => `${root}/var/lib/tmux-gate/keys`),
    opened('the mode of the policy', ({ layout }) => `${layout.etc}/config.yaml`),
    {
      what: 'recordings of root in folders of root',
      mutations: [
        { file: 'relay.js', piece: 'fchownSync(fd, 0, ', becomes: 'fchownSync(fd, Number(process.env.SUDO_UID), ' },
      ],
      remove: async ({ root }) => {
        const recordings = `${root}/var/lib/tmux-gate/recordings`;
        const today = `${recordings}/${new Date().toISOString().slice(0, 10)}`;
        await must('mkdir', ['-p', today]);
        await must('chmod', ['a+rx', `${root}/var/lib/tmux-gate`, recordings, today]);
      },
    },
  ],
  run: async (host) => {
    const inside = await enter(host, host.people.alice);
    const files = guarded(host, inside);
    expect(files.filter((path) => !existsSync(path))).toEqual([]);
    for (const { login } of [host.people.alice, host.people.mallory]) {
      const { stdout } = await perlAs(login, [
        ...files.map((path) => `print "read ${path} " if open my $f, "<", "${path}";`),
        ...files.map((path) => `print "write ${path} " if open my $f, ">>", "${path}";`),
        ...closed(host, login).map((path) => `print "make ${path} " if open my $f, ">", "${path}/x";`),
        `print "change " if open my $f, ">>", "${host.layout.lib}/gate";`,
        'print "done";',
      ]);
      expect({ login, stdout }).toEqual({ login, stdout: 'done' });
    }
  },
};
