// Evidence of two people who type in one session: an outsider sees who typed each line, by the command of VERIFY.md, and in the archive of one
// of them nothing of the other; also when the recording was purged.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { eventually } from '../../scripts/sandbox/eventually.ts';
import type { Host } from '../../scripts/sandbox/host.ts';
import { repo } from '../../scripts/sandbox/layout.ts';
import type { Person } from '../../scripts/sandbox/person.ts';
import { connections, journal, testHost } from '../harness/inside.ts';
import { letIn, say, type Waiting } from '../harness/visits.ts';

const run = promisify(execFile);
/** Long enough that the status line, which both see, never says whose time is nearly over. */
const window = '30m';
let host: Host;
let folder: string;

/** Somebody in the session, and what they type. */
interface Typist extends Waiting {
  readonly who: Person;
  readonly connection: string;
  readonly recording: string;
  /** The lines that the test typed, each with Enter. */
  readonly lines: string[];
}

let [alice, carol] = [] as unknown as [Typist, Typist];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'evidence-'));
  host = await testHost({
    prefix: 'tgq',
    people: { carol: ['engineers'] },
    config: (config) => ({
      ...config,
      sessions: { 'prod-in': { ...config.sessions['prod-db'], record: 'output+input' } },
    }),
  });
  const { people } = host;
  alice = await comeIn(people.alice, 'INC-7 a row is wrong');
  await keysAreKept(alice);
  carol = await comeIn(people['carol'] ?? people.alice, 'INC-7 the other row');
  await keysAreKept(carol);
}, 60_000);
afterAll(async () => {
  await host[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

async function comeIn(who: Person, reason: string): Promise<Typist> {
  const before = connections(host.layout).map(({ id }) => id);
  const waiting = await letIn(host, who, { session: 'prod-in', window, reason });
  const { id = '', recording = '' } = connections(host.layout).find((one) => !before.includes(one.id)) ?? {};
  return { ...waiting, who, connection: id, recording, lines: [] };
}

function typed(file: string): string {
  const lines = readFileSync(file, 'utf8').split('\n').slice(1, -1); // without the header, and a line that is being written
  const events = lines.map((line) => JSON.parse(line) as readonly [number, string, string]);
  return events
    .filter(([, code]) => code === 'i')
    .map(([, , data]) => data)
    .join('');
}

/** While a client attaches, its terminal may be without echo for a moment: such keys are not kept, which a marker tells. */
async function keysAreKept({ terminal, recording }: Typist): Promise<void> {
  await eventually('a key is kept', () => {
    terminal.type('w');
    return typed(recording).endsWith('w');
  });
  terminal.type('\u0015: begin\r');
  await eventually('up to here', () => typed(recording).endsWith(': begin\r'));
}

/** Types a line piece by piece, each once the one before is in the recording: what no screen shows right after Enter would not be kept. */
async function typeLine({ terminal, recording, lines }: Typist, ...pieces: readonly string[]): Promise<void> {
  for (const piece of [...pieces, '\r']) {
    terminal.type(piece);
    await eventually('it is kept', () => typed(recording).endsWith(piece));
  }
  lines.push(pieces.join(''));
}

async function leave({ who, terminal, recording }: Typist): Promise<void> {
  await say(who, ['give-back']);
  await terminal.exit;
  await eventually('it is sealed', () => journal(host.layout).some((one) => one['file'] === `${recording}.zst`));
}

/** Makes the evidence, which the script verifies. @returns what the script said, and the folder of the archive */
async function evidenceOf({ request }: Typist): Promise<{ readonly said: string; readonly unpacked: string }> {
  const place = mkdtempSync(join(folder, 'e-'));
  const file = join(place, 'e.tar');
  const made = await host.cli(['evidence', request, '-o', file, '--json']);
  expect(made).toMatchObject({ code: 0, stderr: '' });
  const { hostKey } = JSON.parse(made.stdout) as { readonly hostKey: string };
  const { stdout } = await run('sh', [`${host.root}/usr/lib/tmux-gate/evidence/verify.sh`, '--key', hostKey, file]);
  expect(stdout).toContain('\nVERIFIED');
  execFileSync('tar', ['xf', file, '-C', place]);
  return { said: stdout, unpacked: join(place, `evidence-${request}`) };
}

/** The command that the archive's own VERIFY.md and docs/evidence.md give to the reader. */
function commandIn(unpacked: string): string {
  const texts = [join(unpacked, 'VERIFY.md'), join(repo, 'docs/evidence.md')].map((path) => readFileSync(path, 'utf8'));
  const [command, same] = texts.map((text) => /^zstd .*\.\[1\] == "i".*$/m.exec(text)?.[0] ?? '');
  expect([command, command?.includes('recordings/ID.cast')]).toEqual([same, true]);
  return command ?? '';
}

/** What the command prints: a line for each Enter, and what was typed behind the last. */
function linesSaid(unpacked: string, connection: string): readonly string[] {
  const command = commandIn(unpacked).replaceAll(/\bID\b/g, connection);
  const stdout = execFileSync('sh', ['-c', command], { cwd: unpacked, encoding: 'utf8' });
  const lines = stdout.trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line) as string);
}

/** Every file below a folder, decompressed where it is. */
const contents = (below: string): readonly (readonly [string, string])[] =>
  readdirSync(below, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => [path, execFileSync('zstd', ['-dcqf', path], { maxBuffer: 1 << 26 }).toString()]);

test('an outsider reads who typed each line, although both typed on one screen', async () => {
  await typeLine(alice, ': update 4711 set "state" = \'Ärger\'');
  await typeLine(carol, ': update 4712 set state = 0');
  await typeLine(alice, ': delete ', '\u001b[200~4713\u001b[201~', '\u007f\u007f14');
  await typeLine(carol, ': commit -- both rows');
  await typeLine(alice, ': commit -- mine');
  await leave(alice);
  await leave(carol);
  for (const each of [alice, carol]) {
    const { said, unpacked } = await evidenceOf(each);
    expect(said).toContain(`connected ${each.connection}: ${each.who.login} (`);
    const [begin, ...lines] = linesSaid(unpacked, each.connection).slice(-each.lines.length - 2);
    expect([begin?.endsWith('w\u0015: begin'), lines]).toEqual([true, [...each.lines, '']]);
    // The same of a recording that was not sealed yet, or was decrypted.
    const cast = join(unpacked, `recordings/${each.connection}.cast`);
    execFileSync('zstd', ['-dq', '--rm', `${cast}.zst`]);
    expect(linesSaid(unpacked, each.connection).slice(-each.lines.length - 1)).toEqual([...each.lines, '']);
  }
});

test("nothing of the other person is in one person's archive, although they shared the session", async () => {
  const { unpacked } = await evidenceOf(alice);
  const { who, connection, request } = carol;
  const connected = journal(host.layout).filter(({ event }) => event === 'connected');
  const servers = new Set(connected.map(({ server }) => server));
  const own = connected.find((one) => one['connection'] === connection);
  expect([connected.length, servers.size]).toEqual([2, 1]);
  const foreign = [who.login, who.name, who.account.sub, connection, request, String(own?.['grant'])];
  for (const [path, text] of contents(unpacked))
    expect([path, foreign.filter((one) => text.includes(one) || path.includes(one))]).toEqual([path, []]);
  const hers = contents((await evidenceOf(carol)).unpacked).map(([, text]) => text);
  expect(foreign.filter((one) => !hers.some((text) => text.includes(one)))).toEqual([]);
});

test('of a recording that was purged the evidence says who removed it, when and why, and is verified all the same', async () => {
  const reason = 'a customer asked, CASE-9';
  expect(await host.cli(['purge', alice.connection, '--reason', reason])).toMatchObject({ code: 0, stderr: '' });
  const { said, unpacked } = await evidenceOf(alice);
  const purged = journal(host.layout).find((one) => one.event === 'recording-purged');
  const on = String(purged?.['at']).slice(0, 19);
  expect(said).toMatch(
    new RegExp(`note +recording +${alice.connection}: purged on ${on} UTC by root because ${reason}\n`),
  );
  expect(readdirSync(join(unpacked, 'recordings'))).toEqual([`${alice.connection}.ranges`]);
  expect((await evidenceOf(carol)).said).toContain(`ok    recording    ${carol.connection}: its`);
});
