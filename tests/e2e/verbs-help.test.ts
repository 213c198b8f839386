// Help, over ssh and on the host, and that whoever is told to type something is told it as they type it.
import { hostname } from 'node:os';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Host } from '../../scripts/sandbox/host.ts';
import { hostCommands, hostCommandNames, isHostCommand, specOf, verbNames } from '../../src/wire/verbs.ts';
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
    const isShown = `${stdout} `.replaceAll('\n', ' \n').includes(`  ssh prod-box ${verb} `);
    expect({ verb, isShown }).toEqual({ verb, isShown: specOf(verb).local !== true });
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

/** The text without its folds: a terminal of another width, and a longer name of the command, fold it elsewhere. */
const flat = (text: string): string => text.replace(/\s+/g, ' ');
const entryOf = (command: string, { usage, summary }: { usage: string; summary: string }): string =>
  flat(` ${command} ${usage} ${summary}`);

test("help on the host is the same text, with the commands as root types them, and what is root's alone", async () => {
  // `replay` is a command of the host as well, and there that one is shown.
  const verbsHere = verbNames.filter((verb) => !isHostCommand(verb));
  const theirs = verbNames.filter(isHostCommand).map((verb) => entryOf(`ssh prod-box ${verb}`, specOf(verb)));
  const own = [
    ...verbNames
      .filter((verb) => specOf(verb).local === true)
      .map((verb) => entryOf(`tmux-gate ${verb}`, specOf(verb))),
    ...hostCommandNames.map((name) => entryOf(`tmux-gate ${name}`, hostCommands[name])),
  ];
  const without = (text: string, entries: readonly string[]): string =>
    entries.reduce((left, entry) => left.replace(entry, ''), text);
  for (const words of [['help'], ...verbsHere.map((verb) => ['help', verb])]) {
    const remote = flat((await host.people.mallory.run(words)).stdout);
    const here = await host.cli(words);
    expect({ code: here.code, stderr: here.stderr }).toEqual({ code: 0, stderr: '' });
    const expected = without(remote, theirs).replace(/ ssh prod-box (?!attach)/g, ' tmux-gate ');
    const shown = flat(here.stdout).replaceAll(hostname(), 'prod-box');
    if (words.length === 1) for (const entry of own) expect(shown).toContain(entry);
    expect(words.length === 1 ? without(shown, own) : shown).toBe(expected);
  }
});

test('help is as wide as the terminal, and 80 columns where there is none', async () => {
  const widest = (text: string): number => Math.max(...text.split(/\r?\n/).map((line) => line.length));
  for (const words of [['help'], ['help', 'review'], ['review', '--help']]) {
    expect(widest((await host.cli(words)).stdout)).toBeLessThanOrEqual(80);
    expect(widest((await host.people.mallory.run(words)).stdout)).toBeLessThanOrEqual(80);
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
