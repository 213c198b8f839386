// What systemd and journald are told (src/keeper/start.pl, src/adapters/systemd.ts), over real datagram sockets.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  closeSync,
  constants,
  copyFileSync,
  mkdtempSync,
  openSync,
  readSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSupervisor } from '../../src/adapters/systemd.ts';
import { ended } from '../../scripts/sandbox/ended.ts';
import { eventually } from '../../scripts/sandbox/eventually.ts';

const top = join(import.meta.dirname, '../..');
/** Prints each datagram that arrives, as hex on a line. */
const receiver = `
use Socket; $| = 1;
socket(my $s, AF_UNIX, SOCK_DGRAM, 0) or die; bind($s, sockaddr_un($ARGV[0])) or die; print "open\\n";
while (defined recv($s, my $text, 65536, 0)) { print unpack('H*', $text), "\\n" }
`;

let folder: string;
let path: string;
let listening: ChildProcess;
/** By the process that was started last. */
let told: string[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tmux-gate-systemd-'));
  path = join(folder, 'notify');
  copyFileSync(join(top, 'src/keeper/start.pl'), join(folder, 'start'));
  listening = spawn('/usr/bin/perl', ['-e', receiver, path], { stdio: ['ignore', 'pipe', 'inherit'] });
  let rest = '';
  listening.stdout?.setEncoding('latin1').on('data', (piece: string) => {
    const lines = (rest + piece).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line !== 'open') told.push(Buffer.from(line, 'hex').toString());
  });
  await once(listening.stdout ?? listening, 'data');
});
afterAll(() => {
  listening.kill('SIGKILL');
  rmSync(folder, { recursive: true });
});

function keeper(text: string): void {
  writeFileSync(join(folder, 'keeper'), `#!/bin/sh\n${text}\n`);
  chmodSync(join(folder, 'keeper'), 0o755);
}

function started(environment: Readonly<Record<string, string>>): ChildProcess {
  told = [];
  const env = { PATH: process.env['PATH'] ?? '', ...environment };
  return spawn('/usr/bin/perl', [join(folder, 'start')], { env, cwd: top, stdio: ['ignore', 'pipe', 'pipe'] });
}

async function said(child: ChildProcess): Promise<string> {
  let text = '';
  child.stdout?.on('data', (piece: Buffer) => (text += piece.toString()));
  await once(child, 'close');
  return text;
}

test('the keeper is the process that was started, and writes to systemd by the descriptor that it is given', async () => {
  keeper('printf READY=1 >&"$TMUX_GATE_NOTIFY_FD"; echo "$$ [$NOTIFY_SOCKET] [$TMUX_GATE_JOURNAL_FD]"');
  const before = told.length;
  const child = started({ NOTIFY_SOCKET: path, TMUX_GATE_JOURNAL_FD: '9' });
  expect(await said(child)).toBe(`${String(child.pid)} [] []\n`);
  await eventually('systemd is told', () => told.slice(before).includes('READY=1'));
});

test.each([
  ['without systemd', {}],
  ['with a socket that is not there', { NOTIFY_SOCKET: '/nowhere/notify' }],
  ['with one that is no path', { NOTIFY_SOCKET: 'vsock:2:1' }],
])('%s it starts all the same', async (_, environment) => {
  keeper('echo "[$TMUX_GATE_NOTIFY_FD]"');
  expect(await said(started({ ...environment, TMUX_GATE_NOTIFY_FD: '7' }))).toBe('[]\n');
});

const child = `exec node --no-warnings --import tsx tests/contract/systemd-child.ts`;

test('READY, STATUS and WATCHDOG while the loop turns; nothing once it is stuck; STOPPING at the end', async () => {
  keeper(child);
  const running = started({ NOTIFY_SOCKET: path, WATCHDOG_USEC: '300000' });
  await eventually('the watchdog is told', () => told.filter((text) => text.startsWith('WATCHDOG=1')).length > 2);
  expect(told.find((text) => text.startsWith('EXTEND'))).toBe('EXTEND_TIMEOUT_USEC=60000000\nSTATUS=journal');
  expect(told).toContain('READY=1\nSTATUS=ready, 2 attached');
  expect(told).toContain('WATCHDOG=1\nSTATUS=ready, 2 attached');
  running.kill('SIGHUP');
  await eventually('the reload is told', () => told.includes('RELOADING=1\nMONOTONIC_USEC=42'));
  running.kill('SIGTERM');
  await ended(running);
  await eventually('the stop is told', () => told.at(-1) === 'STOPPING=1');
});

test('READY is tried again until the queue of systemd has room', async () => {
  const full = join(folder, 'full');
  // A pipe as the socket: it is full, until it is read.
  execFileSync('mkfifo', [full]);
  const reader = openSync(full, constants.O_RDONLY | constants.O_NONBLOCK);
  const descriptor = openSync(full, constants.O_WRONLY | constants.O_NONBLOCK);
  const fill = (): void => {
    for (;;) writeSync(descriptor, Buffer.alloc(4096));
  };
  expect(fill).toThrow('EAGAIN');
  const supervisor = openSupervisor({ TMUX_GATE_NOTIFY_FD: String(descriptor) }, () => 0n);
  let asked = 0;
  supervisor.ready(() => `tried ${String((asked += 1))} times`);
  await eventually('it is tried again', () => asked > 2);
  const taken = (): string => {
    const buffer = Buffer.alloc(1 << 20);
    return buffer.toString('latin1', 0, readSync(reader, buffer));
  };
  taken();
  const before = asked;
  await eventually('it is sent', () => asked > before);
  expect(taken()).toMatch(/READY=1\nSTATUS=tried \d+ times$/);
  supervisor.stopping();
  for (const one of [reader, descriptor]) closeSync(one);
});

test('a loop that is stuck tells the watchdog nothing', async () => {
  keeper(child);
  const running = started({ NOTIFY_SOCKET: path, WATCHDOG_USEC: '150000' });
  const pings = (): number => told.filter((text) => text.startsWith('WATCHDOG=1')).length;
  await eventually('the watchdog is told', () => pings() > 1);
  running.kill('SIGUSR2');
  // It is stuck from the moment on when a whole interval of systemd's passes without a message.
  await eventually('it is told nothing more', async () => {
    const before = pings();
    await new Promise((resolve) => setTimeout(resolve, 300));
    return pings() === before;
  });
  running.kill('SIGKILL');
  await ended(running);
});

test('the log goes to journald, with fields; without it, and when it does not take an entry, to stderr', async () => {
  keeper(`TMUX_GATE_JOURNAL_FD=$TMUX_GATE_NOTIFY_FD ${child}`);
  const running = started({ NOTIFY_SOCKET: path });
  const entry = await eventually('an entry', () => told.find((text) => text.startsWith('MESSAGE=')));
  expect(entry.split('\n').slice(1, -1)).toEqual([
    'PRIORITY=4',
    'SYSLOG_IDENTIFIER=tmux-gate',
    expect.stringMatching(/^TMUX_GATE_AT=2/),
    'TMUX_GATE_EVENT=loop-turn-long',
    'TMUX_GATE_MS=31',
    expect.stringMatching(/^TMUX_GATE_LOGIN=al.ice$/),
  ]);
  running.kill('SIGTERM');
  await ended(running);
  keeper(`TMUX_GATE_JOURNAL_FD=99 ${child}`);
  const other = started({});
  const [line] = (await once(other.stderr ?? other, 'data')) as [Buffer];
  expect(JSON.parse(line.toString())).toMatchObject({ event: 'loop-turn-long', level: 'warn' });
  other.kill('SIGKILL');
  await ended(other);
});
