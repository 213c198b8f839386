// `record: output+input`: what a person types is in their own recording, and secrets are not, with the real programs that ask for them.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { basename } from 'node:path';
import ssh2, { type Server as SshServer } from 'ssh2';
import { must } from '../../scripts/sandbox/exec.ts';
import type { Host } from '../../scripts/sandbox/host.ts';
import type { Person } from '../../scripts/sandbox/person.ts';
import { allowSessionAccount } from '../../scripts/sandbox/sudo-rule.ts';
import { Chromium } from '../harness/chromium.ts';
import { eventually } from '../../scripts/sandbox/eventually.ts';
import { connections, testHost } from '../harness/inside.ts';
import { endIt, letIn, type Waiting } from '../harness/visits.ts';

let host: Host;
let inside: Waiting;
let recording = '';

/** Each secret has one of these words in it, by where it is typed. */
const [atPrompt, ahead] = ['atprompt', 'tooearly'];
const password = `Right-${atPrompt}`;

beforeAll(async () => {
  host = await testHost({
    prefix: 'tgt',
    people: { carol: ['engineers'] },
    config: (config) => ({
      ...config,
      sessions: {
        'prod-in': {
          ...config.sessions['prod-db'],
          ...{ record: 'output+input', privileges: 'account', secret_prompts: ['(?i)mot de passe ?: ?$'] },
        },
      },
    }),
  });
  openRemote();
  const { home, sessionAccount } = host.layout;
  await allowSessionAccount(host.layout, '(root) PASSWD: /usr/bin/true');
  await must('chpasswd', [], { input: `${sessionAccount}:${password}\n` });
  const key = `${home}/${sessionAccount}/locked`;
  await must('ssh-keygen', ['-q', '-t', 'ed25519', '-N', password, '-f', key]);
  await must('chown', [sessionAccount, key]);
  inside = await letIn(host, host.people.alice, { session: 'prod-in', window: '10m' });
  recording = recordingOf(host.people.alice.login);
  inside.terminal.type('PROMPT_COMMAND=\'printf "ready-%s." $((++ready))\'\r');
  await shellReads(0);
});
afterAll(async () => {
  remote?.close();
  await host[Symbol.asyncDispose]();
});

/** A machine that asks for a password. */
let remote: SshServer | undefined;
let port = 0;

function openRemote(): void {
  const { private: key } = ssh2.utils.generateKeyPairSync('ed25519');
  remote = new ssh2.Server({ hostKeys: [key] }, (client) => {
    client.on('error', () => undefined);
    client.on('authentication', (attempt) =>
      attempt.method === 'password' ? attempt.accept() : attempt.reject(['password']),
    );
    client.on('ready', () => client.end());
  });
  remote.listen(0, '127.0.0.1', () => (port = (remote?.address() as AddressInfo).port));
}

type Event = readonly [at: number, code: string, data: string];

const recordingOf = (login: string): string =>
  connections(host.layout).find(({ who }) => who.login === login)?.recording ?? '';

function recorded(code: 'i' | 'm' | 'o', file = recording): readonly string[] {
  const lines = readFileSync(file, 'utf8').split('\n').slice(1, -1); // without the header, and a line that is being written
  const events = lines.map((line) => JSON.parse(line) as Event);
  return events.filter(([, is]) => is === code).map(([, , data]) => data);
}
const typed = (file = recording): string => recorded('i', file).join('');

/** Every file below the sandbox, as text. */
function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => `${entry.parentPath}/${entry.name}`);
}

let count = 0;
let backs = 0;

/** How often the shell has shown its prompt; its PROMPT_COMMAND counts. */
const prompts = (terminal = inside.terminal): number =>
  Number(
    terminal.text
      .match(/ready-(\d+)\./g)
      ?.at(-1)
      ?.slice(6, -1) ?? 0,
  );

async function shellReads(after: number): Promise<void> {
  await eventually('the shell reads again', () => prompts() > after);
  while (!(await typedNow(`: back-${++backs}`))) inside.terminal.type('\u0015');
}

/**
 * Types a text at the shell. Keys that come before anybody saw that echo is on again are not kept, which a marker says: no fault, and the next
 * ones are.
 * @returns whether it was kept
 */
async function typedNow(text: string): Promise<boolean> {
  const lost = recorded('m').length;
  inside.terminal.type(text);
  await eventually('it is kept, or a marker says not', () => typed().endsWith(text) || recorded('m').length > lost);
  return typed().endsWith(text);
}

/** Interrupts a program each time that it asks (sudo notes a Ctrl-C while it checks a password, and asks once more), until the shell reads. */
async function interrupt(after: number, asks: () => number): Promise<void> {
  let answered = 0;
  await eventually('it is over', () => {
    const asked = asks();
    if (prompts() > after) return true;
    if (asked > answered) inside.terminal.type('\u0003\r'); // mysql takes Ctrl-C for a character
    answered = asked;
    return false;
  });
}

/** Types a line at the shell. @returns what to look for, after which the program's prompt comes */
function start(line: string, more = ''): string {
  const n = String(++count);
  inside.terminal.type(`\u0015clear; : run-${n}; echo it-$((${n} + 0)).; ${line}\r${more}`);
  return `it-${n}\\.[^]*`;
}

/** Programs that ask for a secret; `says` is the end of their prompt. */
const programs: readonly (readonly [name: string, line: string, says: string])[] = [
  ['sudo', 'sudo -k true', 'password for \\S+: '],
  ['sudo in German', "sudo -k -p '[sudo] Passwort für %p: ' true", 'Passwort für [^%\\s]+: '],
  ['sudo in Chinese', "sudo -k -p '[sudo] %p 的密码：' true", 'dba 的密码：'],
  ['su', 'su -c true $USER', 'Password: '],
  [
    'ssh',
    'ssh -p PORT -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null nobody@127.0.0.1',
    "127.0.0.1's password: ",
  ],
  ['ssh-keygen', 'ssh-keygen -y -f ~/locked', 'Enter passphrase: '],
  ['mysql -p', 'mysql -h 127.0.0.1 -P 1 -p', 'Enter password: '],
  ['psql -W', 'psql -h 127.0.0.1 -p 1 -W postgres', 'Password: '],
  ['read -s', "read -s -p 'Deploy key? ' x", 'Deploy key\\? '],
  ['read -s without a prompt', '(sleep 0.2; echo so-far) & read -s x', 'so-far'],
  ['getpass', "/usr/bin/python3 -c 'import getpass; getpass.getpass()'", 'Password: '],
  [
    'pinentry-tty',
    "T=$(tty); printf 'SETPROMPT Passphrase:\\nGETPIN\\n' | pinentry-tty -T $T >/dev/null",
    'Passphrase:',
  ],
  ['a raw prompt in Chinese', 'read -s -n 40 -p 口令： x', '口令：'],
  ['a raw prompt in French, by the policy', "read -s -n 40 -p 'Mot de passe : ' x", 'Mot de passe : '],
];

describe('a secret is not in the typed input', () => {
  test.each(programs)('%s, at its prompt', async (_, line, says) => {
    const before = prompts();
    const command = line.replace('PORT', String(port));
    await inside.terminal.until(new RegExp(`${start(command)}${says}`));
    inside.terminal.type(`${password}\r`);
    await shellReads(before);
    expect(typed()).toContain(`${command}\r`);
  });

  test.each(programs)('%s, typed ahead', async (_, line, says) => {
    const before = prompts();
    const command = line.replace('PORT', String(port));
    const began = new RegExp(start(command, `Wrong-${ahead}\r`));
    const prompt = new RegExp(says, 'g');
    await interrupt(before, () => began.exec(inside.terminal.text)?.[0].match(prompt)?.length ?? 0);
    await shellReads(before);
    expect(typed()).toContain(`${command}\r`);
  });

  test('none of it is on disk, but for what the kernel echoed to the screen', () => {
    const withWord = (word: string) => files.filter((file) => readFileSync(file, 'latin1').includes(word));
    const files = filesBelow(host.root).filter((file) => !file.startsWith(`${host.root}/usr/`));
    expect(files).toContain(recording);
    expect(withWord(atPrompt)).toEqual([]);
    expect(withWord(ahead).filter((file) => file !== recording)).toEqual([]);
    for (const code of ['i', 'm'] as const) expect(recorded(code).join('')).not.toContain(ahead);
    expect(recorded('m').filter((label) => /^\d+ keys not kept: /.test(label)).length).toBeGreaterThan(programs.length);
  });
});

test('`stty -echo` hides nothing without a trace', async () => {
  const [before, marked] = [prompts(), recorded('m').length];
  // What is typed while echo is still on, the kernel shows.
  await inside.terminal.until(new RegExp(`${start('stty -echo; echo off-$((0 + 0)).; cat > ~/hidden')}off-0\\.`));
  inside.terminal.type('a command that nobody sees\r');
  inside.terminal.type('\u0004');
  // The program may be over before anybody looked at the terminal: then the line was typed ahead, and not shown.
  const lost = /^(\d+) keys? not kept: (?:echo off|typed ahead and not shown)$/;
  const notKept = (): number =>
    recorded('m')
      .slice(marked)
      .reduce((sum, label) => sum + Number(lost.exec(label)?.[1] ?? 0), 0);
  await eventually('each key of the line is counted', () => notKept() >= 'a command that nobody sees\r'.length);
  await eventually('the shell reads again', () => prompts() > before);
  expect([27, 28]).toContain(notKept()); // with or without Ctrl-D
  await shellReads(before);
  expect(typed()).not.toContain('nobody sees');
});

test('what is typed at vim and bash is kept whole, and a paste is marked', async () => {
  const { terminal } = inside;
  const before = prompts();
  start('stty echo; vim -u NONE ~/note');
  await terminal.until('~/note');
  const keys = ['i', 'hello ', 'world', '\u001b', 'dd', 'p', ':wq!\r'];
  for (const key of keys) {
    terminal.type(key);
    await eventually(`${key} is recorded`, () => typed().endsWith(key));
  }
  await shellReads(before);
  terminal.type('\u001b[200~ one two\u001b[201~');
  await eventually('the paste is marked', () => recorded('m').includes('pasted 8 characters'));
  await eventually('its keys are kept, after a look at the terminal', () => typed().endsWith('\u001b[201~'));
  expect(typed()).toContain(`${keys.join('')}: back-${backs}\u001b[200~ one two\u001b[201~`);
  terminal.type('\u0003');
});

test('of two people who type in turns, each recording has what its person typed, key by key', async () => {
  const { alice, carol = alice } = host.people;
  const other = await letIn(host, carol, { session: 'prod-in' });
  const file = recordingOf(carol.login);
  expect(file).not.toBe(recording);
  // While a client attaches, its terminal may be without echo for a moment: such keys are not kept, which a marker tells.
  await eventually('what she types is kept', () => {
    other.terminal.type('w');
    return typed(file).includes('w');
  });
  other.terminal.type('\u0015');
  await eventually('up to here', () => typed(file).endsWith('\u0015'));
  const sent = { [alice.login]: '', [carol.login]: '' };
  const from = { [alice.login]: typed().length, [carol.login]: typed(file).length };
  const type = (who: Person, terminal: Waiting['terminal'], text: string): void => {
    terminal.type(text);
    sent[who.login] = `${sent[who.login]}${text}`;
  };
  inside.terminal.type('');
  for (let n = 0; n < 500; n++) {
    const key = String.fromCharCode(97 + (n % 26));
    type(alice, inside.terminal, key);
    type(carol, other.terminal, key.toUpperCase());
    if (n % 25 === 24) {
      await eventually("alice's so far", () => typed().slice(from[alice.login]) === sent[alice.login]);
      await eventually("carol's so far", () => typed(file).slice(from[carol.login]) === sent[carol.login]);
    }
    if (n % 100 === 99) {
      type(n % 200 === 99 ? alice : carol, n % 200 === 99 ? inside.terminal : other.terminal, '\u0015');
    }
  }
  await eventually("alice's is whole", () => typed().slice(from[alice.login]) === sent[alice.login], 15_000);
  await eventually("carol's is whole", () => typed(file).slice(from[carol.login]) === sent[carol.login], 15_000);
  inside.terminal.type('\u0015');
  other.terminal.type('\u0015: of-carol\r');
  await eventually("carol's line", () => typed(file).endsWith(': of-carol\r'));
  inside.terminal.type(': of-alice\r');
  await eventually("alice's line", () => typed().endsWith(': of-alice\r'));
  await endIt(host, other);

  const { stdout: page, ...said } = await host.cli(['export', basename(file, '.cast'), '--html', '--reason', 'INC-2']);
  expect(said).toMatchObject({ code: 0, stderr: '' });
  await using chromium = new Chromium();
  await chromium.open(page);
  const lanes = await chromium.run(`Object.fromEntries([...document.querySelectorAll('.lane')].map((lane) => [
    lane.getAttribute('aria-label').split(' ')[0], [...lane.querySelectorAll('.mark')].map(({ title }) => title.replace(/^.*?  /, ''))]))`);
  expect(lanes).toMatchObject({ [carol.login]: [': of-carol'], [alice.login]: [': of-alice'] });
});

test('all that is said before the attach', () => {
  expect(inside.terminal.text).toMatch(/ {2}Recorded: your screen, and what you type, except .*\s+Behind another ssh/);
});
