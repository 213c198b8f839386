// What talks to a session's server, when the server is anybody's (laws 6 and 9; threats C1, C6, H2, H3).
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { chmodSync, chownSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { Account } from '../../src/adapters/accounts.ts';
import type { CgroupHandle } from '../../src/adapters/cgroup-handle.ts';
import { terminalOf } from '../../src/adapters/processes.ts';
import { attachArgv, forgetServer, message, tell, type Places } from '../../src/adapters/tmux.ts';
import { asAccount } from '../../src/adapters/tmux-account.ts';
import { bench, idOf, until, type Bench } from './tmux-bench.ts';

let on: Bench;
let account: Account;
let layout: Places;

beforeAll(async () => {
  on = await bench();
  ({ account, layout } = on);
});
afterAll(async () => {
  await on[Symbol.asyncDispose]();
});

describe('a client', () => {
  test('is pointed at exactly one session', () => {
    const target = { socket: '/r/s/1/sock', session: 'prod-db' };
    const rest = ['-N', '-S', '/r/s/1/sock', 'attach-session', '-E', '-t', '=prod-db'];
    expect(attachArgv({ ...target, utf8: true })).toEqual(['/usr/bin/tmux', '-u', ...rest]);
    expect(attachArgv({ ...target, utf8: false })).toEqual(['/usr/bin/tmux', ...rest]);
  });

  test.each(['', '$2', 'pts/3', ':', '.', '*', '@1', '{last}', 'a b', 'x'.repeat(33), '-t', 'a\n', '#(id)'])(
    'law 9: never at %j',
    (session) => {
      expect(() => attachArgv({ socket: '/s', session, utf8: true })).toThrow();
    },
  );

  test('is never root, and fits what the gate takes', () => {
    for (const more of [{ uid: 0 }, { gid: 0 }, { uid: -1 }])
      expect(() => asAccount({ ...account, ...more }, '/p', [])).toThrow();
    const words = asAccount(account, '/p', attachArgv({ socket: '/s', session: 'x', utf8: true }));
    expect(words.length).toBeLessThanOrEqual(64);
    expect(words.every((word) => word.length <= 255)).toBe(true);
    expect(words[0]).toMatch(/^\//);
  });

  test('that cannot join its cgroup does not start', async () => {
    const marker = `${account.home}/started`;
    const cgroup = await on.fresh();
    await cgroup.end();
    expect(await on.ask(cgroup, '/usr/bin/touch', marker)).toMatch(/^failed/);
    expect(existsSync(marker)).toBe(false);
  });
});

describe('what a server is told', () => {
  test('shows as a countdown to whoever is attached, and not at all without an end', async () => {
    await using made = await on.running();
    const { server } = made;
    const shown = async (left: number | ''): Promise<string> => {
      await tell(server, account, 'end', left === '' ? '' : Math.floor(Date.now() / 1000) + left);
      const format = (await on.tmux(server, 'show-options', '-gv', 'status-right')).trimEnd();
      return (await on.tmux(server, 'display-message', '-p', format)).trim();
    };
    expect(await shown('')).toMatch(/^\d\d:\d\d$/);
    expect(await shown(3590)).toMatch(/^60m left \d\d:\d\d$/);
    expect(await shown(290)).toMatch(/^5m left /);
    expect(await shown(60)).toMatch(/^(60|5\d)s left /);
    expect(await shown(-5)).toMatch(/^window over /);
    await shown(1190);
    using client = await on.attach(server);
    await until(() => client.seen().includes('20m left'));
  });

  test('law 9: text is shown, and nothing of it runs', async () => {
    await using made = await on.running();
    const { server } = made;
    using client = await on.attach(server);
    const terminal = (await terminalOf(client.pid)) ?? '';
    const marker = `${account.home}/pwned`;
    const texts = [
      `#(touch ${marker})`,
      `#{E:@x} ${marker}`,
      `'; run-shell "touch ${marker}"`,
      `; run-shell 'touch ${marker}' ;`,
      '-t x;',
    ];
    for (const text of [...texts, `x\u001b]0;t\u0007 \n#(touch ${marker})\\;`, '%H %M', '', ';']) {
      expect(await message(server, account, text, terminal)).toBe(true);
      expect(await on.tmux(server, 'show-options', '-gv', '@tmux_gate_note')).toBe(
        `${text.replace(/[\u001b\u0007\n]/g, '\uFFFD')}\n`,
      );
    }
    await message(server, account, `#(touch ${marker}) marked`, terminal);
    await until(() => client.seen().includes(`#(touch ${marker}) marked`));
    await on.tmux(server, 'set-option', '-g', 'status-interval', '1');
    await delay(1500); // two redraws of the status line, which would have run it
    expect(existsSync(marker)).toBe(false);
  });

  test('is shown to the client that is named, and nobody else; a client that is not there is said', async () => {
    await using made = await on.running();
    const { server } = made;
    using first = await on.attach(server);
    using last = await on.attach(server);
    const terminal = (await terminalOf(first.pid)) ?? '';
    expect(await message(server, account, 'for the first', terminal)).toBe(true);
    await until(() => first.seen().includes('for the first'));
    expect(await message(server, account, 'for the last', (await terminalOf(last.pid)) ?? '')).toBe(true);
    await until(() => last.seen().includes('for the last'));
    expect(last.seen()).not.toContain('for the first');
    expect(await message(server, account, 'for nobody', '/dev/pts/999999')).toBe(false);
  });
});

/** One imsg frame of tmux's protocol 8 (OpenBSD imsg_init(3); tmux-protocol.h). */
function frame(type: number, text: string): Buffer {
  const body = Buffer.from(`${text}\0`);
  const head = Buffer.alloc(16);
  head.writeUInt32LE(type, 0);
  head.writeUInt16LE(16 + body.length, 4);
  head.writeUInt32LE(8, 8);
  return Buffer.concat([head, body]);
}

const [msgLock, msgReady, msgShell, msgExec] = [206, 207, 209, 217];

describe('threats C1: a hostile server', () => {
  async function hostile(
    greet: (socket: Socket) => void,
    visit: (cgroup: CgroupHandle, socket: string) => Promise<void>,
  ): Promise<void> {
    const cgroup = await on.fresh();
    const path = `${on.folder}/hostile-${idOf(cgroup)}`;
    const open = new Set<Socket>();
    const server = createServer((socket) => {
      open.add(socket);
      socket.on('error', () => undefined);
      greet(socket);
    });
    await new Promise<void>((resolve) => server.listen(path, resolve));
    chmodSync(path, 0o777);
    await visit(cgroup, path);
    expect(open.size).toBeGreaterThan(0);
    for (const socket of open) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
    await cgroup.end();
  }

  test.each<readonly [string, (socket: Socket) => void]>([
    ['that hangs', () => undefined],
    ['that hangs up', (socket) => socket.destroy()],
    ['that talks without end', (socket) => socket.pipe(socket)],
    ['that talks rubbish', (socket) => socket.end(Buffer.alloc(100_000, 0xff))],
  ])('%s', async (_, greet) => {
    await hostile(greet, async (cgroup, socket) => {
      await tell({ cgroup, socket }, account, 'end', 1);
      expect(await message({ cgroup, socket }, account, 'text', '/dev/pts/0')).toBe(false);
      await until(async () => (await cgroup.processes()).length === 0);
    });
  });

  test('that makes its client run programs has them run as the session account, in the cgroup', async () => {
    const folder = `${account.home}/c1`;
    mkdirSync(folder);
    chownSync(folder, account.uid, account.gid);
    const script = `${on.folder}/evil`;
    writeFileSync(
      script,
      `#!/bin/sh\nid -u > ${folder}/uid.$$; id -G > ${folder}/groups.$$; cat /proc/self/cgroup > ${folder}/cgroup.$$; cp /bin/true /etc/tmux-gate-pwned\n`,
    );
    chmodSync(script, 0o755);
    let cgroupName = '';
    await hostile(
      (socket) =>
        socket.write(
          Buffer.concat([
            frame(msgShell, script),
            frame(msgReady, ''),
            frame(msgLock, script),
            frame(msgExec, `${script}\0/bin/sh`),
          ]),
        ),
      async (cgroup, socket) => {
        cgroupName = idOf(cgroup);
        await tell({ cgroup, socket }, account, 'end', 1);
        expect(await message({ cgroup, socket }, account, 'text', '/dev/pts/0')).toBe(false);
        await until(() => readdirSync(folder).some((name) => name.startsWith('cgroup')));
      },
    );
    const said = (name: string): string[] =>
      readdirSync(folder)
        .filter((file) => file.startsWith(name))
        .map((file) => readFileSync(`${folder}/${file}`, 'utf8'));
    expect(new Set(said('uid'))).toEqual(new Set([`${account.uid}\n`]));
    expect(new Set(said('groups'))).toEqual(new Set([`${account.gid}\n`]));
    for (const text of said('cgroup')) expect(text).toMatch(new RegExp(`^0::.*/s/${cgroupName}$`, 'm'));
    expect(existsSync('/etc/tmux-gate-pwned')).toBe(false);
  });

  test('law 6: a session whose commands are sabotaged ends all the same (threats C6)', async () => {
    const { server } = await on.running();
    await on.tmux(server, 'set-option', '-s', 'command-alias[100]', 'kill-server=display-message -p FAKE');
    await on.tmux(server, 'set-option', '-s', 'exit-empty', 'off');
    await on.tmux(server, 'new-session', '-d', "trap '' HUP TERM; setsid nohup sleep 1000 & while :; do sleep 1; done");
    await until(async () => (await server.cgroup.processes()).filter(({ comm }) => comm === 'sleep').length >= 2);
    process.kill(server.pid, 'SIGSTOP');
    const killed = await server.cgroup.end();
    expect(killed.length).toBeGreaterThan(3);
    expect(killed.every(({ uid }) => uid === account.uid)).toBe(true);
    await forgetServer(layout, server.id);
  });
});
