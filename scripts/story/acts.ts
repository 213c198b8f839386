// The acts of the demo's story, in order. Each waits only for what a person would see, for an exit, or for a record of the journal.
import assert from 'node:assert/strict';
import { account } from '../sandbox/accounts.ts';
import type { Host } from '../sandbox/host.ts';
import type { Person } from '../sandbox/person.ts';
import { ofUids } from '../sandbox/processes.ts';
import type { Terminal } from '../sandbox/terminal.ts';
import { entries, readable, untilJournal } from './journal.ts';
import { linesOf, remark, seen } from './tell.ts';

export interface Play {
  readonly host: Host;
  /** The open terminals, by their person. */
  readonly open: Map<string, Terminal>;
  request?: string;
}

interface Act {
  readonly title: string;
  readonly act: (play: Play) => Promise<void>;
}

/** The window that alice asks for. */
const windowSeconds = 20;
/** How long to wait for the window's end, on a busy machine. */
const patienceMs = (windowSeconds + 20) * 1000;
const reason = 'INC-4711 replica lag on the primary';
const session = 'prod-db';
/** Too few rows for a QR code, which is useless in a transcript. */
const screen = { cols: 100, rows: 25 };

const ranAsSession = ({ layout }: Host): number[] => ofUids([account(layout.sessionAccount).uid]);

function open(play: Play, person: Person, args: readonly string[], tty = true): Terminal {
  const terminal = person.ssh(args, { ...screen, tty });
  play.open.set(person.name, terminal);
  return terminal;
}

const typed = (args: readonly string[]): string =>
  ['ssh', ...args.filter((arg) => arg === '-t'), 'prod-box', ...args.filter((arg) => arg !== '-t')].join(' ');

/** How a verb ends, and whether it asks for a sign-in before. */
interface Expected {
  readonly code: number;
  readonly signIn: boolean;
}

/** Runs a verb over ssh without a terminal, signs in if that is asked, and waits for its end. @throws Error for another exit code */
async function run(play: Play, person: Person, args: readonly string[], expected: Expected): Promise<string> {
  const { code, signIn } = expected;
  const terminal = open(play, person, args, false);
  if (signIn) await person.signInFrom(terminal);
  const ended = await terminal.exit;
  play.open.delete(person.name);
  seen(person.name, typed(args), linesOf(terminal));
  assert.equal(ended.code, code, `${typed(args)} ended with ${String(ended.code)}, not ${code}`);
  return terminal.text;
}

async function shut(play: Play): Promise<void> {
  const { alice } = play.host.people;
  const shell = await run(play, alice, ['cat', '/etc/shadow'], { code: 64, signIn: false });
  assert.match(shell, /\[NO(?:T_A_VERB|_FILES)\]/);
  const pipe = await run(play, alice, [session], { code: 64, signIn: false });
  assert.match(pipe, /\[NO_PTY\]/);
  assert.deepEqual(ranAsSession(play.host), [], 'something runs as the session account');
  remark('Her key is good, and it opens nothing: no shell, no session, no process of the session account.');
}

async function asks(play: Play): Promise<void> {
  const { alice } = play.host.people;
  const terminal = open(play, alice, ['-t', session]);
  await alice.signInFrom(terminal);
  await terminal.until(/Reason[^\n]*: $/);
  terminal.type(`${reason}\r`);
  await terminal.until(/How long\?[^\n]*\] $/);
  terminal.type(`${windowSeconds}s\r`);
  const [, request] = await terminal.until(/Request ([0-9A-Z]+)/);
  await terminal.until('Waiting for approval');
  play.request = request ?? '';
  seen('alice', typed(['-t', session]), await terminal.screen());
  const { stdout } = await play.host.cli(['connections', '--json']);
  assert.deepEqual(JSON.parse(stdout), [], 'somebody is attached without a grant');
  assert.deepEqual(ranAsSession(play.host), [], 'something runs as the session account');
  remark('She proved who she is and said why. Without a grant she waits outside: nothing of the session runs yet.');
}

const requestOf = ({ request = '' }: Play): string => request;

async function notHerself(play: Play): Promise<void> {
  const { alice } = play.host.people;
  const waiting = play.open.get('alice');
  const text = await run(play, alice, ['approve', requestOf(play)], { code: 77, signIn: false });
  if (waiting !== undefined) play.open.set('alice', waiting);
  assert.match(text, /\[SELF_REVIEW\]/);
}

async function mallory(play: Play): Promise<void> {
  const { mallory: person } = play.host.people;
  const terminal = open(play, person, ['-t', session]);
  await person.signInFrom(terminal);
  const { code } = await terminal.exit;
  seen('mallory', typed(['-t', session]), await terminal.screen());
  play.open.delete('mallory');
  assert.equal(code, 77);
  assert.match(terminal.text, /\[NOT_ALLOWED\]/);
}

async function reviews(play: Play): Promise<void> {
  const { bob } = play.host.people;
  const list = await run(play, bob, ['requests'], { code: 0, signIn: true });
  assert.ok(list.includes(requestOf(play)) && list.includes(reason), 'the request is not in the list');
  const approval = await run(play, bob, ['approve', requestOf(play)], { code: 0, signIn: true });
  assert.match(approval, /Approved [0-9A-Z]+: demo-alice can now use prod-db until/);
  remark('Each review takes a sign-in of its own, so bob signed in twice; the whole request came before the code.');
}

/** Processes that survive a hangup: one with nohup, and a daemon that ignores signals and prints its pid. */
const leftovers = [
  'nohup sleep 4243 >/dev/null 2>&1 &',
  `echo "left behind: $(setsid -f sh -c 'trap "" HUP TERM; echo $$; exec sleep 4242 >/dev/null 2>&1')"`,
];

async function inside(play: Play): Promise<void> {
  const terminal = play.open.get('alice');
  assert.ok(terminal, 'alice has no terminal');
  const { sessionAccount } = play.host.layout;
  await terminal.until(/\$ /, { timeoutMs: patienceMs });
  terminal.type("PS1='dba$ '; clear\r");
  await terminal.until(/\ndba\$ |Hdba\$ /);
  for (const command of ['id', ...leftovers]) {
    terminal.type(`${command}\r`);
    if (command === 'id') await terminal.until(new RegExp(`uid=\\d+\\(${sessionAccount}\\)`));
    if (command.startsWith('echo')) await terminal.until(/left behind: \d+/);
    await terminal.until('dba$ ');
  }
  seen('alice', '(the same terminal, now in tmux)', await terminal.screen());
  assert.ok(ranAsSession(play.host).length >= 5, 'her processes do not run as the session account');
  remark('tmux, as the session account. Two of her processes would survive any hangup.');
  const list = await run(play, play.host.people.bob, ['connections'], { code: 0, signIn: false });
  play.open.set('alice', terminal);
  assert.match(list, /demo-alice +prod-db/);
}

async function over(play: Play): Promise<void> {
  const terminal = play.open.get('alice');
  assert.ok(terminal, 'alice has no terminal');
  await terminal.until('Your access to prod-db on prod-box has ended', { timeoutMs: patienceMs });
  const { code } = await terminal.exit;
  play.open.delete('alice');
  const rows = await terminal.screen();
  assert.match(rows.join('\n'), /Approved by[^]*has ended/, 'the last lines cover what was on her screen');
  seen(
    'alice',
    '(the same terminal, at the end of the window)',
    rows.slice(rows.findIndex((row) => row.includes('Approved by'))),
  );
  assert.equal(code, 0);
  const ended = await untilJournal(play.host, 'session-ended', patienceMs);
  assert.deepEqual(ranAsSession(play.host), [], 'something of the session account is left');
  assert.match(JSON.stringify(ended['killed']), /"comm":"sleep"/, 'the journal does not name what was killed');
  remark('Her client is gone, and so is everything she left: no process of the session account is alive.');
}

async function staysShut(play: Play): Promise<void> {
  const { alice } = play.host.people;
  const terminal = open(play, alice, ['-t', session]);
  await terminal.until(/Reason[^\n]*: $/);
  terminal.type('\u0003');
  const { code } = await terminal.exit;
  play.open.delete('alice');
  seen('alice', typed(['-t', session]), await terminal.screen());
  assert.equal(code, 130);
  remark('Her sign-in is remembered, her grant is over: she is asked for a reason anew.');
  const { mallory: person } = play.host.people;
  const refused = open(play, person, ['-t', session]);
  const ended = await refused.exit;
  play.open.delete('mallory');
  seen('mallory', typed(['-t', session]), await refused.screen());
  assert.equal(ended.code, 77);
  assert.match(refused.text, /\[NOT_ALLOWED\]/);
  assert.deepEqual(ranAsSession(play.host), [], 'something runs as the session account');
}

async function evidence(play: Play): Promise<void> {
  const { host } = play;
  const shown = await host.cli(['audit', 'show']);
  assert.equal(shown.code, 0, shown.stderr);
  const told = new Set(entries(host).map((entry) => entry['event']));
  for (const event of ['sign-in', 'requested', 'reviewed', 'granted', 'connected', 'disconnected', 'refused'])
    assert.ok(told.has(event), `the journal has no "${event}"`);
  seen('root', 'tmux-gate audit show     (shortened)', readable(host));
  const verified = await host.cli(['audit', 'verify']);
  seen('root', 'tmux-gate audit verify', linesOf(verified));
  assert.equal(verified.code, 0);
}

export const acts: readonly Act[] = [
  { title: 'The door is shut', act: shut },
  { title: 'alice signs in and asks', act: asks },
  { title: 'alice cannot approve herself', act: notHerself },
  { title: 'mallory may not even ask', act: mallory },
  { title: 'bob, on call, sees the request and approves it', act: reviews },
  { title: 'alice is in, as the session account', act: inside },
  { title: 'The window ends', act: over },
  { title: 'The door is shut again', act: staysShut },
  { title: 'The journal', act: evidence },
];
