// `find` on a host: what stood on somebody's screen, who saw it and when, and which command shows it.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import type { Host } from '../../scripts/sandbox/host.ts';
import { outcome } from '../../scripts/sandbox/exec.ts';
import { eventually } from '../../scripts/sandbox/eventually.ts';
import { Terminal } from '../../scripts/sandbox/terminal.ts';
import { enter, journal, place, prompt, testHost } from '../harness/inside.ts';

const tfi = place('tfi');

let host: Host;

beforeAll(async () => {
  host = await testHost({ prefix: 'tfi' });
}, 120_000);
afterAll(async () => host[Symbol.asyncDispose]());

test('a host without recordings says so, a search that finds nothing exits as grep does, and what was found can be replayed', async () => {
  expect(await host.cli(['find', 'needle'])).toMatchObject({
    code: 66,
    stderr: expect.stringContaining('There are no recordings on this host.'),
  });
  const { terminal, id } = await enter(host, host.people.alice);
  // It stands there for a while, and not from the beginning.
  for (const key of Array.from("sleep 1; printf 'needle-%s\\n' $((6*7)); sleep 3; clear; echo $((6*7))-over"))
    terminal.type(key);
  terminal.type('\r');
  await terminal.until('needle-42');
  await terminal.until('42-over');
  await terminal.until(prompt);
  terminal.type('\u0002d');
  await terminal.exit;
  const { code, stdout, stderr } = await host.cli(['find', 'needle-42', '--reason', 'INC-1 who ran it']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: expect.not.stringContaining('cannot') });
  const [head = '', hit = '', show = ''] = stdout.split('\n');
  expect(head).toMatch(
    new RegExp(`^${id}  ${tfi}-alice in prod-db, since \\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d (?:UTC|[+-]\\d{4})$`),
  );
  expect(hit).toMatch(/^ {2}\d\d:\d\d:\d\d {2}\d+m?\d*s +needle-42$/);
  expect(show).toMatch(new RegExp(`^ {2}tmux-gate replay ${id}( --from \\d+(m\\d+)?s)?$`));
  // The command that it prints shows the text.
  const [program = '', ...words] = show.trim().split(' ');
  expect([program, words.slice(2)]).toEqual(['tmux-gate', ['--from', /^ {2}\S+ {2}(\S+)/.exec(hit)?.[1]]]);
  await using player = new Terminal(`${host.layout.lib}/tmux-gate`, [...words, '--reason', 'INC-1 what it was']);
  await player.until('needle-42');
  player.type('q');
  expect((await player.ended()).code).toBe(0);
  const nothing = await host.cli(['find', 'never-there']);
  expect(nothing).toMatchObject({ code: 1, stdout: '' });
  expect(nothing.stderr).toMatch(/^(?:Indexing .*\n)?Nothing found\.\n$/); // compressed meanwhile, it is indexed now
  const read = journal(host.layout).filter(({ event }) => event === 'recording-read');
  expect(read).toMatchObject([
    { what: 'find', query: 'needle-42', reason: 'INC-1 who ran it' },
    { what: 'replay', connection: id, reason: 'INC-1 what it was' },
    { what: 'find', query: 'never-there' },
  ]);
});

test('no socket is opened but that of the keeper', async () => {
  const trace = `${host.root}/trace`;
  const command = [`${host.layout.lib}/tmux-gate`, 'find', '/needle-[0-9]+/', '--json'];
  const traced = await outcome('strace', ['-f', '-qq', '-e', 'trace=socket,connect', '-o', trace, ...command]);
  expect(JSON.parse(traced.stdout.split('\n')[0] ?? '')).toMatchObject({ login: `${tfi}-alice`, session: 'prod-db' });
  const calls = readFileSync(trace, 'utf8')
    .split('\n')
    .filter((line) => /(?:socket|connect)\(/.test(line));
  expect(calls.filter((line) => !/socket\(AF_UNIX/.test(line) && !line.includes('keeper.sock'))).toEqual([]);
  expect(calls.some((line) => line.includes('keeper.sock'))).toBe(true);
});

test('once a purge has returned, the index holds nothing of it', async () => {
  const state = `${host.root}/var/lib/tmux-gate`;
  const packed = (): readonly Uint8Array[] => {
    using index = new DatabaseSync(`${state}/search/index.db`, { readOnly: true });
    return index
      .prepare('SELECT packed FROM texts')
      .all()
      .map((row) => row['packed'] as Uint8Array);
  };
  await eventually(
    'it is indexed',
    async () => (await host.cli(['find', 'needle-42'])).code === 0 && packed().length > 0,
  );
  const id = String(journal(host.layout).find(({ event }) => event === 'recording-sealed')?.['connection']);
  const texts = packed();
  const holding = (bytes: Uint8Array): readonly string[] =>
    readdirSync(`${state}/search`).filter((name) => readFileSync(`${state}/search/${name}`).includes(bytes));
  expect(texts.flatMap(holding)).not.toEqual([]);
  expect((await host.cli(['purge', id, '--reason', 'a customer asked'])).code).toBe(0);
  expect(texts.flatMap(holding)).toEqual([]);
  expect(packed()).toEqual([]);
});
