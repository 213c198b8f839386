// docs/compliance.md: the command of each row runs on a host that was used, and its output shows what the row says.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Host } from '../../scripts/sandbox/host.ts';
import { top } from '../architecture/sources.ts';
import { testHost } from '../harness/inside.ts';
import { letIn, shellPrompt } from '../harness/visits.ts';

let host: Host;

beforeAll(async () => {
  host = await testHost({ prefix: 'tgq' });
  const { alice } = host.people;
  const { terminal } = await letIn(host, alice);
  terminal.type('exit\r');
  await terminal.exit;
  for (const words of ['lock gone --force --reason left', 'break-glass issue', 'audit export --reason yearly'])
    expect(await host.cli(words.split(' '))).toMatchObject({ code: 0 });
  await host.keeper.stop(); // its last record says how many accesses there were
  await host.keeper.start();
  await alice.ssh(['-t', 'prod-db']).until(shellPrompt); // and is attached
});
afterAll(async () => host[Symbol.asyncDispose]());

const rows = readFileSync(join(top, 'docs/compliance.md'), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| ') && !line.startsWith('| ---'))
  .map((line) => line.split('|').map((cell) => cell.trim()))
  .filter((cells) => cells[4] !== 'how to see it')
  .map((cells) => ({ what: cells[1] ?? '', command: /^`tmux-gate (.*)`$/.exec(cells[4] ?? '')?.[1] ?? '' }));

interface Answer {
  readonly code: number;
  /** What stands in the output, in any order; ALICE is the login of who was let in. */
  readonly says: readonly RegExp[];
}
const says = (...patterns: readonly RegExp[]): readonly Answer[] => [{ code: 0, says: patterns }];

/** A used access: who, by whom, to what, why. */
const access = /^[0-9A-Z]{6} .* ALICE +prod-db +5m +granted +BOB +2x +INC-1 look$/m;
const recording = /^[0-9A-Z]{10} .* ALICE +prod-db .* sealed +ALICE@example\.com$/m;
const period = [/^Access review of prod-db on prod-box, 2026-(?:Q3|07)/, /Nobody has signed this off/];
const policy = /^\S+\/config\.yaml is in order\.$/m;
const approved = /^[0-9A-Z]{10} .* ALICE +prod-db .* BOB$/m;
const whole = [
  /^The journal is whole: \d+ records, checkpoint matches\.$/m,
  /^Recordings: \d .* as they were recorded/m,
];
/** A machine that runs the tests may have a time service or not. */
const clock: readonly Answer[] = [
  { code: 0, says: [/^ok +clock +sync$/m] },
  { code: 2, says: [/^\?{4} +clock-sync\n +no time service of this host reports that$/m] },
];

/** By the first column: what one sees. */
const answers: Readonly<Record<string, readonly Answer[]>> = {
  '**8.6.1**, 8.2.2': says(access),
  '7.2.1, 7.2.2': says(/^prod-db .* 1 of oncall /m),
  '7.2.4': says(...period, /^May ask, and was not attached in the 90 days[^]*ALICE/m, /^May approve[^]*BOB/m),
  '7.2.5': says(/^ok +session +account$/m),
  '7.3.1 – 7.3.3': says(approved),
  '8.2.1': says(/ pinned +login ALICE +issuer \S+ +subject \S+ +claim ALICE@example\.com/),
  '8.2.5': says(/^gone .* left$/m),
  '8.2.8': says(/"session":"prod-db",.*"idle":/),
  '8.3.1, 8.4': says(/"class_uid":3002.*"user":\{"name":"ALICE","uid":"\w+".*"auth_protocol":"OpenID"/),
  '10.2.1, 10.2.2': says(...['sign-in', 'requested', 'reviewed', 'granted', 'connected', 'disconnected'].map(event)),
  '10.2.1.1': says(recording),
  '10.2.1.3': says(/ recording-read (?=.*export).*yearly/),
  '10.3.1 – 10.3.4': says(...whole),
  '10.3.3': says(/^\{"n":1,.*"event":"opened"/m, /"event":"connected"/),
  '10.4.1': says(/"class_uid":4007.*"severity":/),
  '10.5.1': says(/"login":"ALICE",.*"purged":null/),
  '10.6.1': clock,
  'CC6.1': says(approved),
  'CC6.2, CC6.3': says(/^\w{6},\S+Z,ALICE,ALICE@example\.com,prod-db,300,granted,BOB approve,/m),
  // Whether anything is wrong with the machine itself is not what this row is about.
  'CC6.6': [0, 1, 2].map((code) => ({
    code,
    says: [/^ok +sshd +tunnel tty /m, /^ok +sudo +classic rule only-rule /m],
  })),
  'CC7.2': says(/^journal +ok /m, /^witness +ok +no witness$/m),
  'CC6.1 – CC6.3': says(/^Period 2026-Q3 \(\d+ accesses, \d+ exceptions\) is in /m, /^ +Seed +4711 \(draws 25\)$/m),
  'CC7.3': says(/^[0-9A-Z]{4} .* open +-$/m),
  'A.5.15': says(policy),
  'A.5.18': says(...period),
  'A.8.2': says(/^prod-db .* 30m, max 1h /m),
  'A.8.5': says(/^ok +provider +discovery /m),
  'A.8.15': says(/^\{"ok":true,"records":\d+,.*"head":"matches"/),
  'A.8.17': clock,
  '(a)(2)(i)': says(/ sign-in +login ALICE .* identity ALICE@example\.com/),
  '(a)(2)(ii)': says(/^[0-9A-Z]{4} .* open +-$/m),
  '(a)(2)(iii)': says(/ALICE .*prod-db/),
  '(b)': says(recording),
  '(c)(1)': says(...whole),
  '(d)': says(/"session":"prod-db",.*"verdict":"approve","by":"BOB"/),
  '5(1)(b), (c)': says(/ policy +why start .* text "host: prod-box/),
  '5(1)(e)': says(recording),
  '5(1)(f), 32': says(/^ok +files .* keys journal recordings /m),
  '15': says(/"event":"sign-in","login":"ALICE"/, /"event":"connected"/),
  '30': says(policy),
};

function event(name: string): RegExp {
  return new RegExp(`^ +\\d+ +\\d{4}-\\S+ \\S+ +${name} `, 'm');
}

test('each row has a command, and what it shows', () => {
  expect(rows.filter(({ command }) => command === '')).toEqual([]);
  expect(rows.map(({ what }) => what).sort()).toEqual(Object.keys(answers).sort());
});

test.each(rows.map(({ what, command }) => [what, command]))('%s: tmux-gate %s', async (what, command) => {
  const { alice, bob } = host.people;
  const words = command.replace('alice', alice.login).replace('/tmp/', `${host.root}/`).split(' ');
  const { code, stdout, stderr } = await host.cli(words);
  const answer = answers[what]?.find((one) => one.code === code);
  const missing = answer?.says.filter(
    ({ source, flags }) =>
      !new RegExp(source.replaceAll('ALICE', alice.login).replaceAll('BOB', bob.login), flags).test(stdout),
  );
  expect({ code, missing, stdout, stderr }).toMatchObject({ missing: [] });
  expect(stderr).not.toMatch(/^error|\[[A-Z_]+\]/);
});
