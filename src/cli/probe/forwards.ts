// Attempts with forwards, which need no command, so that the gate never starts (law 10; docs/threats.md, C5).
import { randomBytes } from 'node:crypto';
import { Channel, listenThere, requestChannel, string, uint32, type Unopened } from '../../adapters/ssh/channel.ts';
import type { Line } from '../../adapters/ssh/line.ts';
import { open, refused, session, shown, unknown, type Attempt, type Saw } from './attempt.ts';

const remedy = 'DisableForwarding yes, in the Match block';
const prohibited = 1; // SSH_OPEN_ADMINISTRATIVELY_PROHIBITED, RFC 4254 section 5.1
const connectFailed = 2; // SSH_OPEN_CONNECT_FAILED

/** Judges a forward of TCP. sshd says "prohibited" if it does not try; an allowed forward is open even if nothing listens there now. */
function ofTcp(opened: Channel | Unopened): Saw {
  if (opened instanceof Channel) return open('a connection was made');
  if (opened.reason === prohibited) return refused('sshd prohibits it');
  if (opened.reason === connectFailed) return open('allowed; nothing listens there now');
  return unknown(shown(opened.problem));
}

const tcpTo = (port: number): Buffer =>
  Buffer.concat([string('127.0.0.1'), uint32(port), string('127.0.0.1'), uint32(1)]);

function localTcp(port: number, what: string): Attempt {
  return {
    id: `forward-${port}`,
    tried: `a forward to ${what} (127.0.0.1:${port})`,
    means: 'Whoever holds the key reaches what only local programs should reach; the gate never starts.',
    remedy,
    run: async (call) => ofTcp(await requestChannel(await call.dial(), 'direct-tcpip', tcpTo(port))),
  };
}

const socketTo = (path: string): Buffer => Buffer.concat([string(path), string(''), uint32(0)]);

/** Tries sockets. sshd answers the same for a forbidden and for a missing socket, so one is made that certainly exists, if sshd lets it. */
async function localSockets(line: Line, paths: readonly string[]): Promise<Saw> {
  const own = ownSocket();
  const made = await listenThere(line, { path: own });
  for (const path of made ? [...paths, own] : paths) {
    const opened = await requestChannel(line, 'direct-streamlocal@openssh.com', socketTo(path));
    if (opened instanceof Channel) return open(`${shown(path)} answered${made ? leaves(own) : ''}`);
  }
  return refused(`sshd opened none of ${paths.length} (a missing one looks the same)`);
}

const ownSocket = (): string => `/tmp/tmux-gate-probe-${randomBytes(6).toString('hex')}`;
const leaves = (path: string): string => `; ${path} is left there, remove it`;

async function remoteSocket(line: Line): Promise<Saw> {
  const path = ownSocket();
  return (await listenThere(line, { path })) ? open(`sshd listened${leaves(path)}`) : refused('sshd does not listen');
}

/** Mode 1 is point to point, unit 0x7fffffff any (PROTOCOL of OpenSSH, section 2.3). */
async function tun(line: Line): Promise<Saw> {
  const opened = await requestChannel(line, 'tun@openssh.com', Buffer.concat([uint32(1), uint32(0x7fffffff)]));
  if (opened instanceof Channel) return open('a device was opened');
  const said = line.said.join(' ');
  if (/rejected tunnel/.test(said)) return refused('sshd rejects it');
  // sshd says this of every tunnel that fails, even if it did not reject it (serverloop.c, server_request_tun).
  if (/Failed to open the tunnel device/.test(said)) return open('allowed; the device could not be opened');
  return opened.reason === prohibited || opened.reason === 3
    ? refused(`the server: ${shown(opened.problem)}`)
    : unknown(shown(opened.problem));
}

/** An attempt with a request on a session in which nothing runs yet. */
function asked(type: string, body: Buffer): Attempt['run'] {
  return async (call) =>
    (await (await session(await call.dial())).request(type, body))
      ? open('sshd granted it')
      : refused('sshd grants none');
}

const x11 = Buffer.concat([
  Buffer.from([0]),
  string('MIT-MAGIC-COOKIE-1'),
  string('00112233445566778899aabbccddeeff'),
  uint32(0),
]);

export const forwardAttempts: readonly Attempt[] = [
  localTcp(22, 'ssh'),
  localTcp(6379, 'Redis'),
  {
    id: 'forward-socket',
    tried: 'a forward to a Unix socket of the host',
    means: 'Whoever holds the key talks to local services as the login; the gate never starts.',
    remedy,
    run: async (call) => localSockets(await call.dial(), call.sockets),
  },
  {
    id: 'listen-tcp',
    tried: 'a port of the host, forwarded back to the client',
    means: 'Whoever holds the key lets programs of the host reach the network behind the client.',
    remedy,
    run: async (call) =>
      (await listenThere(await call.dial(), { port: 0 })) ? open('sshd listened') : refused('sshd does not listen'),
  },
  {
    id: 'listen-socket',
    tried: 'a Unix socket of the host, forwarded back to the client',
    means: 'Whoever holds the key leaves sockets on the host as the login.',
    remedy,
    run: async (call) => remoteSocket(await call.dial()),
  },
  {
    id: 'agent',
    tried: 'agent forwarding',
    means: 'Root on the host, and whoever becomes it, can use the keys in the agent of the engineer.',
    remedy,
    run: asked('auth-agent-req@openssh.com', Buffer.alloc(0)),
  },
  {
    id: 'x11',
    tried: 'X11 forwarding',
    means: 'Programs of the host can read and type on the screen of the engineer.',
    remedy: `${remedy} (or X11Forwarding no)`,
    run: asked('x11-req', x11),
  },
  {
    id: 'tun',
    tried: 'a tunnel device',
    means: 'Whoever holds the key joins the network of the host.',
    remedy: 'PermitTunnel no, in the Match block (DisableForwarding does not cover it)',
    run: async (call) => tun(await call.dial()),
  },
];
