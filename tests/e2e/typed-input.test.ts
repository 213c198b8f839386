// `record: output+input`: secrets are not in what a recording has of a person's keys, with the real programs that ask for them, in one piece
// and key by key. What is typed elsewhere is kept: ./typed-kept.test.ts.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import ssh2, { type Server as SshServer } from 'ssh2';
import { must } from '../../scripts/sandbox/exec.ts';
import type { Host } from '../../scripts/sandbox/host.ts';
import { allowSessionAccount } from '../../scripts/sandbox/sudo-rule.ts';
import { eventually } from '../../scripts/sandbox/eventually.ts';
import { typedHost, TypedSession } from '../harness/typed-session.ts';

let host: Host;
let alice: TypedSession;

/** Each secret has one of these words in it, by where it is typed. */
const [atPrompt, ahead] = ['Vq3zKx8jWp', 'tooearly'];
const password = `Right-${atPrompt}`;

beforeAll(async () => {
  host = await typedHost({ prefix: 'tgt' });
  openRemote();
  const { home, sessionAccount } = host.layout;
  await allowSessionAccount(host.layout, '(root) PASSWD: /usr/bin/true');
  await must('chpasswd', [], { input: `${sessionAccount}:${password}\n` });
  const own = `${home}/${sessionAccount}`;
  await must('ssh-keygen', ['-q', '-t', 'ed25519', '-N', password, '-f', `${own}/locked`]);
  await must('install', ['-d', '-m', '0700', `${own}/.gnupg`]);
  writeFileSync(`${own}/.gnupg/gpg-agent.conf`, 'pinentry-program /usr/bin/pinentry-tty\n');
  await must('chown', ['-R', sessionAccount, `${own}/locked`, `${own}/.gnupg`]);
  alice = await TypedSession.open(host);
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

/** Every file below the sandbox, as text. */
function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => `${entry.parentPath}/${entry.name}`);
}

/** mysql takes Ctrl-C for a character. */
const interrupt = '\u0003\r';

/** Answers a program each time that it asks (sudo notes a Ctrl-C while it checks a password, and asks once more), until the shell reads. */
async function answerEach(after: number, answer: string, asks: () => number): Promise<void> {
  let answered = 0;
  await eventually('it is over', () => {
    const asked = asks();
    if (alice.prompts() > after) return true;
    if (asked > answered) alice.terminal.type(answer);
    answered = asked;
    return false;
  });
}

/** Catalogues of messages come with the programs; they need no locale of their language. */
const speaks = (language: string): string => `LC_ALL=C.UTF-8 LANGUAGE=${language}`;
const gpg = 'GPG_TTY=$(tty) gpg -q --yes --no-symkey-cache -o ~/note.gpg -c ~/locked.pub; gpgconf --kill gpg-agent';

/** Programs that ask for a secret; `says` is the end of their prompt, `again` that of a second one. */
const programs: readonly (readonly [name: string, line: string, says: string, again?: string])[] = [
  ['sudo', 'sudo -k true', 'password for \\S+: '],
  ['sudo in German', `${speaks('de')} sudo -k true`, '\\[sudo\\] Passwort für [^%\\s]+: '],
  ['sudo with a prompt in German', "sudo -k -p '[sudo] Passwort für %p: ' true", 'Passwort für [^%\\s]+: '],
  ['sudo with a prompt in Chinese', "sudo -k -p '[sudo] %p 的密码：' true", 'dba 的密码：'],
  ['su', 'su -c true $USER', 'Password: '],
  ['su in German', `${speaks('de')} su -c true $USER`, 'Passwort: '],
  ['su in Chinese', `${speaks('zh_CN')} su -c true $USER`, '密码：'],
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
  ['gpg -c, by its agent and pinentry-tty', gpg, 'Passphrase: ', 'Repeat: '],
  ['a raw prompt in Chinese', 'read -s -n 40 -p 口令： x', '口令：'],
  ['a raw prompt in French, by the policy', "read -s -n 40 -p 'Mot de passe : ' x", 'Mot de passe : '],
];

/** Starts a program, and answers each of its prompts with the password. */
async function answered(program: (typeof programs)[number], type: (text: string) => unknown): Promise<void> {
  const [, line, says, again] = program;
  const [before, kept, from] = [alice.prompts(), alice.typed().length, alice.markers().length];
  const { sent, begun } = alice.start(line.replace('PORT', String(port)));
  const prompts = [says, ...(again === undefined ? [] : [again])];
  for (const [n, prompt] of prompts.entries()) {
    await alice.terminal.until(new RegExp(n === 0 ? `${begun}${prompt}` : prompt));
    await type(`${password}\r`);
  }
  const keys = prompts.length * `${password}\r`.length;
  await alice.shellKeeps(before, { from, keys });
  expect(alice.typed().slice(kept)).toBe(`${sent}${alice.back}`);
  expect(alice.notKept(from)).toBe(keys);
}

describe('a secret is not in the typed input', () => {
  test.each(programs)('%s, at its prompt', async (...program) =>
    answered(program, (text) => alice.terminal.type(text)),
  );

  test.each(programs)('%s, at its prompt, key by key', async (...program) =>
    answered(program, async (text) => alice.byHand(text)),
  );

  test.each(programs)('%s, typed ahead', async (_, line, says, again = says) => {
    const before = alice.prompts();
    // A pinentry is a child of the agent, which Ctrl-C does not end.
    const answer = again === says ? interrupt : `${password}\r`;
    const { sent, begun } = alice.start(line.replace('PORT', String(port)), `Wrong-${ahead}\r`);
    const [began, prompt] = [new RegExp(begun), new RegExp(`${says}|${again}`, 'g')];
    await answerEach(before, answer, () => began.exec(alice.terminal.text)?.[0].match(prompt)?.length ?? 0);
    await alice.shellReads(before);
    expect(alice.typed()).toContain(sent);
  });

  test('none of it is on disk, but for what the kernel echoed to the screen', () => {
    const withWord = (word: string) => files.filter((file) => readFileSync(file, 'latin1').includes(word));
    const files = filesBelow(host.root).filter((file) => !file.startsWith(`${host.root}/usr/`));
    expect(files).toContain(alice.recording);
    for (let at = 0; at + 6 <= atPrompt.length; at++) expect(withWord(atPrompt.slice(at, at + 6))).toEqual([]);
    expect(withWord(ahead).filter((file) => file !== alice.recording)).toEqual([]);
    const kept = `${alice.typed()}\n${alice.markers().join('')}`;
    for (let at = 0; at + 4 <= atPrompt.length; at++) expect(kept).not.toContain(atPrompt.slice(at, at + 4));
    expect(kept).not.toContain(ahead);
    expect(alice.markers().filter((label) => /^\d+ keys not kept: /.test(label)).length).toBeGreaterThan(
      programs.length,
    );
  });
});

test('`stty -echo` hides nothing without a trace', async () => {
  const [before, marked] = [alice.prompts(), alice.markers().length];
  // What is typed while echo is still on, the kernel shows.
  const { begun } = alice.start('stty -echo; echo off-$((0 + 0)).; cat > ~/hidden');
  await alice.terminal.until(new RegExp(`${begun}off-0\\.`));
  alice.terminal.type('a command that nobody sees\r');
  alice.terminal.type('\u0004');
  // The program may be over before anybody looked at the terminal: then the line was typed ahead, and not shown.
  const notKept = (): number => alice.notKept(marked, /^(\d+) keys? not kept: (?:echo off|typed ahead and not shown)$/);
  await eventually('each key of the line is counted', () => notKept() >= 'a command that nobody sees\r'.length);
  await eventually('the shell reads again', () => alice.prompts() > before);
  expect([27, 28]).toContain(notKept()); // with or without Ctrl-D
  await alice.shellReads(before);
  expect(alice.typed()).not.toContain('nobody sees');
});

test('all that is said before the attach', () => {
  expect(alice.terminal.text).toMatch(/ {2}Recorded: your screen, and what you type, except .*\s+Behind another ssh/);
});
