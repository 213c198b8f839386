// Law 4: the window is hard, and each of its three enforcers ends a person's access alone.
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { writeFileSync } from 'node:fs';
import type { Host } from '../../scripts/sandbox/host.ts';
import { eventually } from '../../scripts/sandbox/eventually.ts';
import { expectSoon } from '../harness/in-session.ts';
import { connections, enter, cgroupPids, isAlive, journal, testHost, type Inside } from '../harness/inside.ts';
import { mutateInstalled, type Mutation } from '../harness/mutate.ts';

/** A gate that neither counts, nor listens, nor ends with its child: only force ends it. */
const lawless: readonly Mutation[] = [
  { file: 'relay.js', piece: 'over: () => finish(windowOver(', becomes: 'over: () => void (windowOver(' },
  { file: 'relay.js', piece: 'cut: (lines2, exit) => finish({', becomes: 'cut: (lines2, exit) => void ({' },
  { file: 'relay.js', piece: ' finish(clientEnded({ ...go, end: running.end }, exitCode))', becomes: ' void exitCode' },
  { file: 'relay.js', piece: '=> finish(clientKilled(go))', becomes: '=> void clientKilled(go)' },
  { file: 'relay.js', piece: 'Date.now() >= running.end', becomes: 'Date.now() >= Infinity' },
];

/**
 * Takes the client's terminal out of the tmux server's hands (pidfd_getfd(2)) and writes the time to it, again and again:
 * it needs no tmux for that, and is no child of the client. Numbers of the calls: x86-64 and arm64 alike.
 */
const writer = `use Time::HiRes qw(time sleep);
my $server = (split /,/, $ENV{TMUX})[1] + 0;
my $pidfd = syscall(434, $server, 0);
my @out;
for my $n (3 .. 63) {
  my $to = readlink "/proc/$server/fd/$n" or next;
  next unless $to =~ m{^/dev/pts/};
  my $fd = syscall(438, $pidfd, $n, 0);
  next if $fd < 0;
  open(my $file, ">&=", $fd) or next;
  push @out, $file;
}
$SIG{HUP} = $SIG{TERM} = $SIG{PIPE} = $SIG{TTOU} = 'IGNORE';
for (1 .. 6000) {
  syswrite $_, sprintf("\\r<%d>\\r", time * 1000) for @out;
  sleep 0.01;
}
`;

let host: Host;

beforeAll(async () => {
  host = await testHost({ prefix: 'tgc' });
  writeFileSync(`${host.root}/writer.pl`, writer, { mode: 0o644 });
});
afterAll(async () => host[Symbol.asyncDispose]());
afterEach(async () => {
  if (host.keeper.pid === undefined) await host.keeper.start();
});

/** Enters for the shortest window and lets something write to the terminal for all of it, and beyond. */
async function enterBesideWriter(): Promise<Inside> {
  const inside = await enter(host, host.people.alice, { window: '10s' });
  inside.terminal.type(`setsid perl ${host.root}/writer.pl & clear\r`);
  await inside.terminal.until(/<\d{13}>/);
  return inside;
}

/** When the last byte was written that arrived: instant, milliseconds. */
function lastByte({ terminal }: Inside): number {
  return Math.max(...Array.from(terminal.text.matchAll(/<(\d{13})>/g), ([, at]) => Number(at)));
}

/** Nobody waits for an end that does not come. */
async function outBy(inside: Inside, latest: number): Promise<boolean> {
  const late = new Promise<'late'>((resolve) =>
    setTimeout(() => resolve('late'), Math.max(0, latest - Date.now())).unref(),
  );
  return (await Promise.race([inside.terminal.exit, late])) !== 'late';
}

function expectNothingLeft(inside: Inside): void {
  expect(cgroupPids(host.layout, 'c', inside.id)).toEqual([]);
  expect(isAlive(inside.gate.pid)).toBe(false);
}

test('law 4, first enforcer: with the keeper killed, the gate alone ends the visit at its end and not before', async () => {
  const inside = await enterBesideWriter();
  host.keeper.kill('SIGKILL');
  await host.keeper.exit;
  expect(await outBy(inside, inside.end + 1_000)).toBe(true);
  expect(lastByte(inside)).toBeLessThanOrEqual(inside.end);
  expect(lastByte(inside)).toBeGreaterThan(inside.end - 500);
  expect((await inside.terminal.screen()).join('\n')).toContain('Your access to prod-db on prod-box has ended');
  await eventually('the client is gone', () => cgroupPids(host.layout, 'c', inside.id).length === 0);
  expectNothingLeft(inside);
});

test('law 4, second enforcer: the keeper alone ends the visit of a gate that ignores its deadline and every word', async () => {
  using mutant = mutateInstalled(host.layout, lawless);
  expect(mutant).toBeDefined();
  const inside = await enterBesideWriter();
  expect(await outBy(inside, inside.end + 3_000)).toBe(true);
  expect(lastByte(inside)).toBeGreaterThan(inside.end - 500);
  expect(lastByte(inside)).toBeLessThan(inside.end + 15_000);
  expectNothingLeft(inside);
  await eventually('it is written down', () => disconnected(inside)?.['why'] === 'expired');
});

test('law 4, third enforcer: the next start of the keeper ends what outlived its grant while nobody watched', async () => {
  using mutant = mutateInstalled(host.layout, lawless);
  expect(mutant).toBeDefined();
  const inside = await enterBesideWriter();
  host.keeper.kill('SIGKILL');
  await host.keeper.exit;
  expect(await outBy(inside, inside.end + 500)).toBe(false);
  const started = Date.now();
  await host.keeper.start();
  expect(await outBy(inside, Date.now() + 1_000)).toBe(true);
  expect(lastByte(inside)).toBeGreaterThan(inside.end);
  expect(lastByte(inside)).toBeLessThan(started + 15_000);
  expectNothingLeft(inside);
  expect(disconnected(inside)?.['why']).toMatch(/^at start: /);
  await expectSoon(() => expect(connections(host.layout)).toEqual([])); // removed after its record
});

function disconnected({ id }: Inside): Readonly<Record<string, unknown>> | undefined {
  return journal(host.layout).find(({ event, connection }) => event === 'disconnected' && connection === id);
}
