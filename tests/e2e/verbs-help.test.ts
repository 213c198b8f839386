// Help, over ssh and on the host, and that whoever is told to type something is told it as they type it.
import { hostname } from 'node:os';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Host } from '../../scripts/sandbox/host.ts';
import {
  hostCommands,
  hostCommandNames,
  isHostCommand,
  specOf,
  verbNames,
  verbs,
  type VerbName,
} from '../../src/wire/verbs.ts';
import { testHost } from '../harness/inside.ts';
import { plain } from '../harness/refused.ts';

let host: Host;

beforeAll(async () => {
  host = await testHost({ prefix: 'tgw' });
});
afterAll(async () => host[Symbol.asyncDispose]());

test('help names every verb that works over ssh, and none that does not', async () => {
  const { stdout, code } = await host.people.mallory.run(['help']);
  expect(code).toBe(0);
  for (const verb of verbNames) {
    const line = `  ssh prod-box ${verb} `;
    if ('local' in verbs[verb]) expect(stdout).not.toContain(line);
    else expect(`${stdout} `.replaceAll('\n', ' \n')).toContain(line);
  }
  for (const words of [
    ['help', 'approve'],
    ['approve', '--help'],
  ]) {
    const one = await host.people.mallory.run(words);
    expect(one.stdout).toContain('ssh prod-box approve ID');
    expect(one.stdout).not.toContain('ssh prod-box deny');
  }
});

const entryOf = (verb: VerbName): string =>
  `  ssh prod-box ${verb} ${specOf(verb).usage}\n      ${specOf(verb).summary}\n`;

test("help on the host is the same text, with the commands as root types them, and what is root's alone", async () => {
  // `replay` is a command of the host as well, and there that one is shown.
  const verbsHere = verbNames.filter((verb) => !isHostCommand(verb));
  const theirs = verbNames.filter(isHostCommand).map((verb) => entryOf(verb));
  for (const words of [['help'], ...verbsHere.map((verb) => ['help', verb])]) {
    const remote = await host.people.mallory.run(words);
    const here = await host.cli(words);
    expect({ code: here.code, stderr: here.stderr }).toEqual({ code: 0, stderr: '' });
    const shown = theirs.reduce((text, entry) => text.replace(entry, ''), remote.stdout);
    const expected = shown.replace(/^ {2}ssh prod-box (?!attach)/gm, '  tmux-gate ').split('\n');
    const lines = here.stdout.replaceAll(hostname(), 'prod-box').split('\n');
    const local = verbNames
      .filter((verb) => specOf(verb).local === true)
      .map((verb) => `${verb} ${specOf(verb).usage}`);
    const own = [...local, ...hostCommandNames.map((name) => `${name} ${hostCommands[name].usage}`.trimEnd())];
    const more = lines.filter((line) => !expected.includes(line) && !line.startsWith('      '));
    expect(more).toEqual(words.length > 1 ? [] : own.map((command) => `  tmux-gate ${command}`));
    expect(lines.filter((line) => expected.includes(line))).toEqual(expected);
  }
});

test.each(hostCommandNames)('help of %s, which only the host has, is its own, with its options', async (name) => {
  expect(await host.cli(['help', name])).toEqual({ ...(await host.cli([name, '--help'])), code: 0 });
});

test('help on the host needs no keeper and no root', async () => {
  const { outcome } = await import('../../scripts/sandbox/exec.ts');
  const cli = `${host.layout.lib}/tmux-gate`;
  const asNobody = await outcome('setpriv', ['--reuid=65534', '--regid=65534', '--clear-groups', cli, 'help', 'deny']);
  expect(asNobody).toEqual(await host.cli(['help', 'deny']));
});

test.each([
  ['aprove', 'UNKNOWN_VERB', 'approve', ' approve'],
  ['doctr', 'UNKNOWN_VERB', 'doctor', ''],
  ['frobnicate', 'BAD_COMMAND', undefined, ''],
])('help of "%s", which is no command, is %s on the host, and names what is near', async (word, code, meant, near) => {
  const here = await host.cli(['help', word]);
  expect({ code: here.code, stdout: here.stdout }).toEqual({ code: 64, stdout: '' });
  const hint = meant === undefined ? 'see: tmux-gate help' : `did you mean ${meant}? see: tmux-gate help ${meant}`;
  expect(plain(here.stderr)).toContain(`[${code}] hint: ${hint}`);
  const remote = await host.people.mallory.run(['help', word]);
  expect({ code: remote.code, stdout: remote.stdout }).toEqual({ code: 64, stdout: '' });
  expect(plain(remote.stderr)).toMatch(new RegExp(`see: ssh prod-box help${near}$`));
});
