// Sessions on the host's real tmux, as a throwaway account, in real cgroups (laws 6, 9, 10; threats H6, H7).
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { chmodSync, chownSync, existsSync, lstatSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { Account } from '../../src/adapters/accounts.ts';
import { forgetServer, isAlive, startServer, type Places } from '../../src/adapters/tmux.ts';
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

/** Undefined for one that ended meanwhile: a shell that starts runs short programs. */
function statusOf(pid: number): Record<string, string> | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/status`, 'utf8');
  } catch {
    return undefined;
  }
  return Object.fromEntries(
    text.split('\n').map((row) => row.split(':\t').map((part) => part.trim()) as [string, string]),
  );
}

describe('a session', () => {
  test('law 10: is its account alone, in its cgroup, with no way to more', async () => {
    await using made = await on.running();
    const { server } = made;
    await until(async () => (await server.cgroup.processes()).length >= 2);
    for (const { pid, uid } of await server.cgroup.processes()) {
      const status = statusOf(pid);
      if (status === undefined) continue;
      expect(uid).toBe(account.uid);
      expect(status['Uid']).toBe(Array(4).fill(account.uid).join('\t'));
      expect(status['Gid']).toBe(Array(4).fill(account.gid).join('\t'));
      expect(status['Groups']).toBe(String(account.gid));
      expect(status['NoNewPrivs']).toBe('1');
      for (const set of ['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb']) expect(status[set]).toMatch(/^0+$/);
    }
    expect(await isAlive(server)).toBe(true);
    expect(await on.tmux(server, 'display-message', '-p', '#{pid}')).toBe(`${server.pid}\n`);
    expect(await on.tmux(server, 'list-sessions', '-F', '#{session_name}')).toBe('prod-db\n');
    expect(await on.tmux(server, 'display-message', '-p', '#{pane_current_path} #{client_width}')).toBe(
      `${account.home} \n`,
    );
  });

  test('has the limits of a login, and not those that Node raised for the keeper', async () => {
    expect(readFileSync('/proc/self/limits', 'latin1')).not.toMatch(/^Max open files +1024 /m);
    await using made = await on.running();
    const { server } = made;
    await until(async () => (await server.cgroup.processes()).length >= 2);
    const limits = readFileSync(`/proc/${server.pid}/limits`, 'latin1');
    expect(limits).toMatch(/^Max open files +1024 /m);
    expect(limits).toMatch(/^Max core file size +0 /m);
    expect(limits).toMatch(/^Max stack size +8388608 /m);
    for (const what of ['cpu time', 'file size', 'data size', 'address space'])
      expect(limits).toMatch(new RegExp(`^Max ${what} +unlimited `, 'm'));
    expect(readFileSync(`/proc/${server.pid}/oom_score_adj`, 'latin1').trim()).toBe('0');
    expect(statusOf(server.pid)).toMatchObject({ Umask: '0022', SigBlk: '0'.repeat(16) });
  });

  test('ends with its cgroup, and leaves no folder', async () => {
    const { server } = await on.running();
    const killed = await server.cgroup.end();
    expect(killed.map(({ pid }) => pid)).toContain(server.pid);
    expect(await isAlive(server)).toBe(false);
    await forgetServer(layout, server.id);
    await forgetServer(layout, server.id);
    expect(existsSync(`${layout.sessions}/${server.id}`)).toBe(false);
  });

  test('is not the process that later has its pid, nor one outside its cgroup', async () => {
    await using made = await on.running();
    const { server } = made;
    const other = await on.fresh();
    expect(await isAlive({ ...server, startTime: server.startTime - 1 })).toBe(false);
    expect(await isAlive({ ...server, cgroup: other })).toBe(false);
    await other.end();
  });

  test('threats H7: its account cannot replace, move or add to its socket', async () => {
    await using made = await on.running();
    const { server } = made;
    const folder = `${layout.sessions}/${server.id}`;
    const before = lstatSync(server.socket).ino;
    for (const script of [`rm -f ${server.socket}`, `mv ${server.socket} ${folder}/x`, `mv ${folder} ${folder}x`]) {
      expect(await on.ask(server.cgroup, '/bin/sh', '-c', script)).toMatch(/^failed/);
    }
    for (const script of [`touch ${folder}/x`, `chmod 777 ${folder}`, `touch ${layout.sessions}/x`]) {
      expect(await on.ask(server.cgroup, '/bin/sh', '-c', script)).toMatch(/^failed/);
    }
    expect(lstatSync(server.socket).ino).toBe(before);
    expect(lstatSync(folder)).toMatchObject({ uid: 0, gid: account.gid, mode: 0o040750 });
    expect(readdirSync(folder)).toEqual(['sock']);
  });

  test('threats H6: has the environment that we wrote, and none of the keeper', async () => {
    const poison = {
      EVIL: 'x',
      TMUX: '/tmp/evil,1,0',
      TMUX_TMPDIR: '/tmp',
      LD_PRELOAD: '/tmp/evil.so',
      SSH_AUTH_SOCK: '/tmp/a',
    };
    Object.assign(process.env, poison);
    try {
      await using made = await on.running();
      const names = (await on.tmux(made.server, 'show-environment', '-g'))
        .trim()
        .split('\n')
        .map((row) => row.split('=')[0]);
      expect(names.sort()).toEqual(['HOME', 'LANG', 'LOGNAME', 'PATH', 'PWD', 'SHELL', 'TERM', 'USER']); // PWD is tmux's own
      expect(await on.tmux(made.server, 'show-environment', '-g')).toContain(`HOME=${account.home}\n`);
      const environ = readFileSync(`/proc/${made.server.pid}/environ`, 'latin1');
      for (const name of Object.keys(poison)) expect(environ).not.toContain(`${name}=`);
    } finally {
      for (const name of Object.keys(poison)) Reflect.deleteProperty(process.env, name);
    }
  });

  test('has our config and not the one of its account', async () => {
    writeFileSync(`${account.home}/.tmux.conf`, 'set -g @planted yes\nset -s set-clipboard on\n');
    await using made = await on.running();
    const { server } = made;
    expect(await on.tmux(server, 'show-options', '-sv', 'set-clipboard')).toBe('off\n');
    expect(await on.tmux(server, 'show-options', '-gv', 'allow-passthrough')).toBe('off\n');
    expect(await on.tmux(server, 'show-options', '-gv', 'update-environment')).toBe('');
    expect(await on.tmux(server, 'show-options', '-gv', 'default-terminal')).toBe('screen-256color\n');
    expect(await on.tmux(server, 'show-options', '-gqv', '@planted')).toBe('');
    expect(await on.tmux(server, 'show-messages')).not.toMatch(/tmux\.conf/);
  });

  test('starts for an account that nobody can log in as, and for one without a home', async () => {
    await using made = await on.running({ account: { ...account, shell: '/usr/sbin/nologin', home: '/nonexistent' } });
    expect(await on.tmux(made.server, 'show-options', '-gv', 'default-shell')).toBe('/bin/sh\n');
    expect(await isAlive(made.server)).toBe(true);
  });
});

test('a session whose shell ends at once is not alive for long, if it starts at all', async () => {
  const cgroup = await on.fresh();
  const started = startServer({ layout, session: 'prod-db', id: idOf(cgroup), account, cgroup, shell: '/bin/false' });
  const server = await started.catch(() => undefined);
  if (server !== undefined) await until(async () => !(await isAlive(server)));
  await cgroup.end();
  await forgetServer(layout, idOf(cgroup));
});

describe('a session that cannot start is refused, and nothing is left of it', () => {
  const plan = async (more: object): Promise<string> => {
    const cgroup = await on.fresh();
    const id = idOf(cgroup);
    const started = startServer({ layout, session: 'prod-db', id, account, cgroup, ...more });
    const error: unknown = await started.then(undefined, (reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'SESSION_START', names: { session: expect.any(String) } });
    expect(existsSync(cgroup.path)).toBe(false);
    return (error as { cause: Error }).cause.message;
  };

  test('for root', async () => {
    expect(await plan({ account: { ...account, uid: 0 } })).toMatch(/root/);
  });

  test('for a name that is none', async () => {
    for (const session of ['', '=x', '$1', 'a:b', '#(id)', '-x']) expect(await plan({ session })).toMatch(/name/);
  });

  test('with a config that is missing, not root’s, or not to be read by the account', async () => {
    const conf = `${layout.tmuxConf}.other`;
    expect(await plan({ layout: { ...layout, tmuxConf: conf } })).toMatch(/does not exist/);
    writeFileSync(conf, '');
    chmodSync(conf, 0o600);
    expect(await plan({ layout: { ...layout, tmuxConf: conf } })).toMatch(/exit 72/);
    chownSync(conf, account.uid, account.gid);
    expect(await plan({ layout: { ...layout, tmuxConf: conf } })).toMatch(/belongs to uid/);
  });

  test('twice under one id', async () => {
    const { server } = await on.running();
    const cgroup = await on.fresh('c', server.id);
    const again = startServer({ layout, session: 'prod-db', id: server.id, account, cgroup });
    await expect(again).rejects.toMatchObject({ code: 'SESSION_START' });
    expect(await isAlive(server)).toBe(true);
    await server.cgroup.end();
    await forgetServer(layout, server.id);
  });
});
