// What each person reads in one visit: the engineer, the approver, and the end of the window. The .txt files beside this one are
// the transcripts; UPDATE_TRANSCRIPTS=1 writes them anew.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Host } from '../../scripts/sandbox/host.ts';
import type { Terminal } from '../../scripts/sandbox/terminal.ts';
import { eventually } from '../../scripts/sandbox/eventually.ts';
import { journal, testHost } from '../harness/inside.ts';
import { expectTranscript, normalise, spoken } from '../harness/screenplay.ts';
import { letIn, says, shellPrompt } from '../harness/visits.ts';

let host: Host;
let engineer: Terminal;
let approver: Terminal;

beforeAll(async () => {
  host = await testHost({ prefix: 'tga' });
  const { alice, bob } = host.people;
  engineer = alice.ssh([], { rows: 50 });
  await alice.signInFrom(engineer);
  await engineer.until('Reason');
  engineer.type('because\r');
  await engineer.until('That is not the form');
  await engineer.until('Reason');
  engineer.type('INC-1042 look at the slow queries\r');
  await engineer.until('How long?');
  engineer.type('10s\r');
  const [, request = ''] = await engineer.until(/Request ([0-9A-Z]{6})/);
  await engineer.until('Waiting for approval');
  approver = bob.ssh(['approve', request], { tty: false });
  await bob.signInFrom(approver);
  await engineer.until(shellPrompt);
  engineer.type('id\r');
});
afterAll(async () => host[Symbol.asyncDispose]());

/** What follows from an answer is written in its own time. */
const written = async (event: string) =>
  eventually(event, () => journal(host.layout).some((record) => record.event === event));

const transcript = (terminal: Terminal): string => normalise(spoken(terminal.text), host);

test('the approver reads the whole request, proves who they are, and reads what came of it', async () => {
  expect((await approver.exit).code).toBe(0);
  expectTranscript('approver', transcript(approver));
});

test('the engineer inside sees the shell of the session account and what is left of the window', async () => {
  await engineer.until('uid=');
  await engineer.until(shellPrompt);
  // The last row is tmux's own status line, which the keeper adds to after the attach, or for a while its reminder in that place.
  const told = /^\[prod-db\] 0:\w+\*? +\d+s left \d\d:\d\d$|^\w+-alice: \d+s left\. More time: ssh prod-box extend/;
  const rows = await eventually('what is left is told', async () => {
    const shown = (await engineer.screen()).filter((row) => row !== '');
    return told.test(shown.pop() ?? '') ? shown : undefined;
  });
  expectTranscript('inside', normalise(`${rows.join('\n').replace(/uid=.*/, 'uid=…')}\n`, host));
});

test('the engineer reads the way in, and at the end the farewell', async () => {
  expect((await engineer.exit).code).toBe(0);
  expectTranscript('engineer', transcript(engineer));
  await written('session-ended'); // before anybody else comes
});

test('somebody with no rights reads one sentence and a hint', async () => {
  const { mallory } = host.people;
  const terminal = mallory.ssh(['-t', 'prod-db'], { rows: 50 });
  await mallory.signInFrom(terminal);
  expect((await terminal.exit).code).toBe(77);
  expectTranscript('no-rights', transcript(terminal));
});

test('the journal tells the same story in order', async () => {
  await written('refused');
  const told = journal(host.layout)
    .filter(({ event }) => !/^(?:keeper|recording)-/.test(event)) // these come when they are ready
    .map(({ event, login, code, why }) =>
      [event, login, code, why].filter((part) => typeof part === 'string').join('  '),
    );
  expectTranscript('journal', normalise(`${told.join('\n')}\n`, host));
});

test('more time: the engineer’s second terminal, the approver, and the first terminal, which stays', async () => {
  const { alice, bob } = host.people;
  const inside = await letIn(host, alice, { reason: 'INC-1043 rebuild the index' });
  const asking = alice.ssh(['-t', 'extend 15m --reason INC-1043 takes longer'], { rows: 50 });
  const [, request = ''] = await asking.until(/Request ([0-9A-Z]{6})[^]*Waiting for approval/);
  const answering = bob.ssh(['approve', request, '--for 5m --reason until the next shift'], { tty: false });
  await bob.signInFrom(answering);
  await Promise.all([answering.exit, asking.exit]);
  expectTranscript('extension-engineer', transcript(asking));
  expectTranscript('extension-approver', transcript(answering));
  await inside.terminal.until(/prod-db on prod-box, until/);
  expect(await says(inside, 'echo still here')).toBe('still here');
  expect((await alice.run(['give-back'])).code).toBe(0);
  expect((await inside.terminal.exit).code).toBe(77);
});
