// Notices as mails, over a real SMTP conversation on loopback.
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { SMTPServer } from 'smtp-server';
import { openNotifier, type Notifier } from '../../src/adapters/notices/notify.ts';
import type { Notice } from '../../src/core/notice.ts';

interface Mail {
  readonly to: readonly string[];
  readonly body: string;
}

let server: SMTPServer;
let mails: Mail[];
let given: { target: string; problem: string }[];
let answers: number[];

beforeEach(async () => {
  [mails, given, answers] = [[], [], []];
  server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    allowInsecureAuth: true,
    onAuth: ({ username, password }, _, done) =>
      done(password === 's3cret' ? null : new Error('no'), { user: username ?? '' }),
    onData: (stream, { envelope }, done) => {
      void text(stream).then((body) => {
        const status = answers.shift();
        if (status !== undefined) return done(Object.assign(new Error('not now'), { responseCode: status }));
        mails.push({ to: envelope.rcptTo.map(({ address }) => address), body });
        done();
      });
    },
  });
  server.on('error', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
});
afterEach(async () => new Promise<void>((resolve) => server.close(() => resolve())));

const port = (): number => (server.server.address() as AddressInfo).port;
function open(change: object = {}): Notifier {
  const email = ['oncall@example.com', 'leads@example.com'];
  const target = { email, from: 'gate@example.com', smtp: `smtp://127.0.0.1:${port()}`, ...change };
  const failed = (name: string, problem: string): void => void given.push({ target: name, problem });
  return openNotifier({ targets: [target], timeoutMs: 5_000, backoffMs: 5, log: { warn: () => undefined }, failed });
}
const asked: Notice = {
  ...{ event: 'requested', host: 'prod-box', login: 'alice', session: 'prod-db', for: '20m', request: 'K7QF2M' },
  reason: 'INC-1 look',
  approve: 'ssh prod-box approve K7QF2M',
};
async function sent(notice: Notice, change: object = {}): Promise<void> {
  const notifier = open(change);
  notifier.send(notice);
  await notifier.close(AbortSignal.timeout(10_000));
}

test('a mail has the headline for its subject and a line for each fact', async () => {
  await sent(asked);
  const [{ to, body } = { to: [], body: '' }] = mails;
  expect(to).toEqual(['oncall@example.com', 'leads@example.com']);
  expect(body).toMatch(/^Subject: \[tmux-gate\] alice asks for prod-db on prod-box for 20m\r$/m);
  expect(body).toContain(
    'Reason: INC-1 look\r\nFor: 20m\r\nRequest: K7QF2M\r\nTo approve: ssh prod-box approve K7QF2M',
  );
});

test('the person whom a notice is about is told, and of nothing else', async () => {
  await sent({ ...asked, event: 'signed-in', identity: 'alice@example.com' }, { email: ['person'] });
  await sent({ ...asked, identity: 'alice@example.com' }, { email: ['person'] });
  expect(mails.map(({ to }) => to)).toEqual([['alice@example.com']]);
  expect(mails[0]?.body).toContain('alice signed in on prod-box');
});

test('law 9: a line break in what a person wrote adds no header and no recipient', async () => {
  await sent({ ...asked, login: 'alice\r\nBcc: evil@example.com', session: 'x\r\n.\r\nRCPT TO:<evil@example.com>' });
  expect(mails).toHaveLength(1);
  expect(mails[0]?.to).toEqual(['oncall@example.com', 'leads@example.com']);
  expect(mails[0]?.body).not.toMatch(/^Bcc:/m);
});

test('what may pass is tried again, what may not is given up, and the server is named without a secret', async () => {
  answers = [451, 452];
  await sent(asked, { user: 'gate', secret: 's3cret' });
  expect(mails).toHaveLength(1);
  answers = [550];
  await sent(asked);
  await sent(asked, { user: 'gate', secret: 'wrong-one' });
  expect(mails).toHaveLength(1);
  expect(given.map(({ target }) => target)).toEqual([`127.0.0.1:${port()}`, `127.0.0.1:${port()}`]);
  expect(JSON.stringify(given)).not.toContain('wrong-one');
});

test('a server elsewhere that offers no TLS gets nothing', async () => {
  // This host, spelled so that it does not look like it.
  await sent(asked, { smtp: `smtp://0.0.0.0:${port()}` });
  expect(mails).toEqual([]);
  expect(given).toHaveLength(1);
});
