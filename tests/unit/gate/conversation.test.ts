import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { PassThrough } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { comeBack } from '../../../src/gate/come-back.ts';
import { converse, type Outcome } from '../../../src/gate/conversation.ts';
import type { Visit } from '../../../src/gate/greet.ts';
import { dial, type Channel } from '../../../src/gate/channel.ts';
import { screenOn } from '../../../src/gate/screen.ts';
import type { EditLine } from '../../../src/gate/late-line-editor.ts';
import { editLine, editorAt } from '../../../src/gate/line-editor.ts';
import { keyboardOn } from '../../../src/gate/terminal.ts';
import type { ToGate } from '../../../src/wire/messages.ts';
import { temporary } from './folder.ts';
import { listenAt, type KeeperEnd, type Post } from './keeper-end.ts';
import { frame } from '../wire/dashboard-sample.ts';
import { mouthOf } from './mouth.ts';
import { go, hello } from './sample.ts';

const edit: EditLine = (prompt) => editLine(prompt, new PassThrough());

const folder = temporary();
const path = `${folder.path}/sock`;
let post: Post;
beforeAll(async () => {
  post = await listenAt(path);
});
afterAll(async () => {
  await post[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

async function visit(tty = true, more: Partial<Visit> = {}) {
  const mouth = mouthOf(tty);
  const source = new PassThrough();
  const line = await dial(path);
  const dashboard: unknown[] = [];
  const pictures: string[] = [];
  const picture = {
    isOpen: false,
    show: (text: string) => void (pictures.push(text), (picture.isOpen = true)),
    close: () => void (picture.isOpen = false),
  };
  const face = { show: (shown: unknown) => void dashboard.push(shown), close: () => void dashboard.push('closed') };
  const voice = screenOn(mouth);
  const keyboard = keyboardOn(source, tty, edit);
  const redial = async (): Promise<Channel> => dial(path);
  const outcome = converse(
    { channel: line, screen: voice, keyboard, dashboard: face, picture, host: 'prod-box', redial, ...more },
    hello,
  );
  const keeper = await post.next();
  await keeper.count(1);
  return { outcome, keeper, source, said: mouth.said, line, dashboard, pictures, picture };
}

async function shown(said: { readonly stdout: string }, text: string): Promise<void> {
  while (!said.stdout.includes(text)) await pause(5);
}

/** What comes of one message after the greeting. */
async function after(said: (keeper: KeeperEnd) => void): Promise<{ outcome: Outcome; shown: string }> {
  const door = await visit();
  said(door.keeper);
  const outcome = await door.outcome;
  door.line.close();
  return { outcome, shown: door.said.stdout };
}

test('the gate says who knocks, shows what it is told, and leaves with the exit code it is given', async () => {
  const { outcome, keeper, said } = await visit(false);
  expect(keeper.heard).toEqual([hello]);
  keeper.say(
    { t: 'say', to: 'out', lines: ['result'] },
    { t: 'say', to: 'note', lines: ['note'] },
    { t: 'bell' },
    { t: 'wait', text: 'Waiting' },
    { t: 'calm' },
    { t: 'done', exit: 3 },
  );
  expect(await outcome).toEqual({ exit: 3 });
  expect(said).toEqual({ stdout: 'result\n', stderr: 'note\nWaiting (0s). Press Ctrl-C to cancel.\n' });
});

test('"go" is handed on as it came', async () => {
  expect((await after((keeper) => keeper.say(go))).outcome).toEqual({ go });
});

test('a question is answered with the line that is typed; the end of input cancels', async () => {
  const { outcome, keeper, source, said } = await visit();
  keeper.say({ t: 'ask', n: 4, prompt: 'Reason: ' });
  await shown(said, 'Reason: ');
  source.write('INC-1 look\n');
  await keeper.count(2);
  keeper.say({ t: 'ask', n: 5, prompt: 'For: ' });
  await shown(said, 'For: ');
  source.end();
  expect((await keeper.count(3)).slice(1)).toEqual([{ t: 'answer', n: 4, text: 'INC-1 look' }, { t: 'cancel' }]);
  keeper.say({ t: 'done', exit: 0 });
  await outcome;
});

test('a secret answer is sent, and taken off the screen', async () => {
  const { outcome, keeper, source, said } = await visit();
  keeper.say({ t: 'ask', n: 1, prompt: 'Code: ', hide: true });
  await shown(said, 'Code: ');
  source.write('abc\n');
  expect((await keeper.count(2))[1]).toEqual({ t: 'answer', n: 1, text: 'abc' });
  expect(said.stdout).toBe('Code: \u001b[1A\u001b[2K');
  keeper.say({ t: 'done', exit: 0 });
  await outcome;
});

test('a pasted address is sent whole, and not shown', async () => {
  const paste: EditLine = editorAt(undefined, false);
  const source = new PassThrough();
  const { outcome, keeper, said } = await visit(true, { keyboard: keyboardOn(source, true, paste) });
  keeper.say({ t: 'ask', n: 1, prompt: 'Address: ', kind: 'paste' });
  await shown(said, 'Address: ');
  const address = `http://127.0.0.1:8400/?state=s&code=${'x'.repeat(5000)}`;
  source.write(`\u001b[200~${address}\u001b[201~\r`);
  expect((await keeper.count(2))[1]).toEqual({ t: 'answer', n: 1, text: address });
  expect(said.stdout).toBe('Address: ');
  keeper.say({ t: 'done', exit: 0 });
  await outcome;
});

test('a key cancels a wait, and the keeper hears it', async () => {
  const { outcome, keeper, source, said } = await visit();
  keeper.say({ t: 'wait', text: 'Waiting', until: Date.now() + 60_000 });
  await shown(said, 'Waiting');
  source.write('q');
  expect((await keeper.count(2))[1]).toEqual({ t: 'cancel' });
  keeper.say({ t: 'refuse', code: 'CANCELLED', exit: 130, say: 'Cancelled.', hint: 'connect again' });
  expect(await outcome).toEqual({ exit: 130 });
});

test('a dashboard is shown as it is told, makes room for a conversation, and is closed when the keeper goes', async () => {
  const { outcome, keeper, said, dashboard } = await visit();
  keeper.say(frame());
  keeper.say({ t: 'say', to: 'note', lines: ['Request'] });
  await shown(said, 'Request');
  expect(dashboard).toEqual([frame(), 'closed']);
  keeper.say(frame({ answered: 1 }));
  keeper.socket.end();
  expect(await outcome).toEqual({ exit: 69 });
  expect(dashboard.slice(2)).toEqual([frame({ answered: 1 }), 'closed']);
});

describe('a keeper that ends while an answer is waited for', () => {
  const wait = { t: 'wait', text: 'Waiting', request: 'K7QF2M' } as const;

  test('is followed by the next: the gate knocks there with the same words and what it waited for', async () => {
    let away = 1;
    const redial = async (): Promise<Channel> =>
      away-- > 0 ? Promise.reject(new Error('nobody listens')) : dial(path);
    const { outcome, keeper, said } = await visit(true, { redial });
    keeper.say(wait);
    await shown(said, 'Waiting');
    keeper.socket.end();
    const next = await post.next();
    expect(await next.count(1)).toEqual([{ ...hello, waits: 'K7QF2M' }]);
    expect(said.stdout).toContain('tmux-gate is restarting');
    next.say(wait, { t: 'say', to: 'note', lines: ['Approved'] }, { t: 'done', exit: 0 });
    expect(await outcome).toEqual({ exit: 0 });
  });

  test('and whose next one says nothing is followed by none', async () => {
    const { outcome, keeper, said } = await visit();
    keeper.say(wait);
    await shown(said, 'Waiting');
    keeper.socket.end();
    (await post.next()).socket.end();
    expect(await outcome).toEqual({ exit: 69 });
  });

  test('is left by a key', async () => {
    const { outcome, keeper, said, source } = await visit(true, {
      redial: async () => Promise.reject(new Error('none')),
    });
    keeper.say(wait);
    await shown(said, 'Waiting');
    keeper.socket.end();
    await shown(said, 'restarting');
    source.write('q');
    expect(await outcome).toEqual({ exit: 69 });
    expect(said.stdout).toContain('[KEEPER_DOWN]');
  });

  test.each<[string, ToGate]>([
    ['a sign-in is waited for', { t: 'wait', text: 'Waiting' }],
    ['something is asked', { t: 'ask', n: 1, prompt: 'Waiting: ' }],
  ])('is not followed while %s', async (_, message) => {
    const { outcome, keeper, said } = await visit();
    keeper.say(wait, message);
    await shown(said, message.t === 'ask' ? 'Waiting: ' : 'Waiting');
    keeper.socket.end();
    expect(await outcome).toEqual({ exit: 69 });
  });

  test('is waited for two minutes', async () => {
    let redials = 0;
    const channel: Channel = {
      send: () => undefined,
      next: async () => Promise.resolve(undefined),
      close: () => undefined,
    };
    const voice = screenOn(mouthOf(true));
    const keyboard = keyboardOn(new PassThrough(), true, edit);
    const dashboard = { show: () => undefined, close: () => undefined };
    const redial = async (): Promise<Channel> => Promise.reject(new Error(`nobody, ${String(++redials)} times`));
    const pauses: number[] = [];
    const pause = async (ms: number): Promise<void> => Promise.resolve(void pauses.push(ms));
    const picture = { isOpen: false, show: () => undefined, close: () => undefined };
    const away = { channel, screen: voice, keyboard, dashboard, picture, host: 'prod-box', waits: 'K7QF2M', redial };
    expect(await comeBack(away, hello, pause)).toBeUndefined();
    voice.calm();
    expect(redials).toBe(240);
    expect(pauses.reduce((sum, ms) => sum + ms)).toBe(120_000);
  });
});

describe('law 1: shut by default', () => {
  test('a refusal is shown as it is said', async () => {
    const { outcome, shown } = await after((keeper) =>
      keeper.say({ t: 'refuse', code: 'BUSY', exit: 75, say: 'Too many.', hint: 'wait' }),
    );
    expect(outcome).toEqual({ exit: 75 });
    expect(shown).toBe('tmux-gate: Too many. [BUSY]\nhint: wait\n');
  });

  test('who wanted files is told of as well, for a client that shows only its own protocol', async () => {
    const said = { t: 'refuse', code: 'NO_FILES', exit: 64, say: 'No files.', hint: 'attach' } as const;
    expect((await after((keeper) => keeper.say(said))).outcome).toEqual({ exit: 64, noFiles: said });
  });

  test.each<[string, (keeper: KeeperEnd) => void, string]>([
    ['says nothing and leaves', (keeper) => keeper.socket.destroy(), 'KEEPER_DOWN'],
    ['leaves in the middle', (keeper) => (keeper.say({ t: 'bell' }), keeper.socket.end()), 'KEEPER_DOWN'],
    ['speaks no language of ours', (keeper) => void keeper.socket.write('GET / HTTP/1.1\n'), 'KEEPER_DOWN'],
    ['says an unknown word', (keeper) => void keeper.socket.write('{"t":"open"}\n'), 'KEEPER_DOWN'],
    ['never ends its line', (keeper) => void keeper.socket.write('x'.repeat((1 << 20) + 10)), 'KEEPER_DOWN'],
    ['moves a deadline before "go"', (keeper) => keeper.say({ t: 'deadline', end: 1, expired: [] }), 'PROTOCOL'],
    ['cuts before "go"', (keeper) => keeper.say({ t: 'cut', lines: [], exit: 0 }), 'PROTOCOL'],
  ])('a keeper that %s opens nothing', async (_, said, code) => {
    const { outcome, shown } = await after(said);
    expect(outcome).toEqual({ exit: code === 'PROTOCOL' ? 70 : 69 });
    expect(shown).toContain(`[${code}]`);
  });

  test('a keeper that is silent for ten seconds opens nothing', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'performance', 'Date', 'queueMicrotask'] });
    const { outcome } = await visit();
    jest.advanceTimersByTime(10_000);
    jest.useRealTimers();
    expect(await outcome).toEqual({ exit: 69 });
  });

  test('where nobody listens nobody is let in', async () => {
    await expect(dial(`${folder.path}/nothing`)).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

test('pictures of a live connection are shown until something else is said, and keys keep their meaning', async () => {
  const { outcome, keeper, pictures, picture, said } = await visit();
  keeper.say({ t: 'picture', text: 'one' }, { t: 'picture', text: 'two' });
  while (pictures.length < 2) await pause(5);
  expect([pictures, picture.isOpen]).toEqual([['one', 'two'], true]);
  keeper.say({ t: 'say', to: 'out', lines: ['The connection has ended.'] }, { t: 'done', exit: 0 });
  expect(await outcome).toEqual({ exit: 0 });
  expect([picture.isOpen, said.stdout]).toEqual([false, 'The connection has ended.\n']);
});

test('who follows when the keeper goes is told that the connection goes on', async () => {
  const { outcome, keeper, pictures, picture, said } = await visit();
  keeper.say({ t: 'picture', text: 'one' });
  while (pictures.length < 1) await pause(5);
  keeper.socket.destroy();
  expect(await outcome).toEqual({ exit: 69 });
  expect([picture.isOpen, said.stdout]).toEqual([false, expect.stringContaining('[KEEPER_GONE]')]);
});
