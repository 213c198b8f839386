// Attempts with what else a client can ask sshd for: other ways to authenticate, variables, signals, more sessions (laws 2 and 10).
import { setTimeout as delay } from 'node:timers/promises';
import { Channel, requestChannel, string } from '../../adapters/ssh/channel.ts';
import { acceptEnvLine } from '../../wire/accepted.ts';
import { open, refused, session, shown, unknown, type Attempt, type Saw } from './attempt.ts';

/** Tries to set a variable, to an empty value that does no harm. The shipped configuration accepts only those of wire/accepted.ts. */
function variable(id: string, name: string, means: string): Attempt {
  return {
    id,
    tried: `the variable ${name}`,
    means,
    remedy: `${acceptEnvLine}, in the Match block, where it replaces the list of the host`,
    run: async (call) => {
      const channel = await session(await call.dial());
      const taken = await channel.request('env', Buffer.concat([string(name), string('')]));
      return taken ? open('sshd takes it') : refused('sshd does not take it');
    },
  };
}

const momentMs = 50;
const loads = 'A client decides what is loaded into the programs that start before the gate.';

function offers(methods: readonly string[]): Saw {
  const other = methods.filter((method) => method !== 'publickey');
  if (other.includes('none')) return open('sshd asks for nothing at all');
  return other.length === 0 ? refused('only a key is accepted') : open(`offered: ${shown(other.join(', '))}`);
}

/** Tries two commands at once on one channel. */
async function twice(channel: Channel): Promise<Saw> {
  const [first, second] = await Promise.all([
    channel.request('exec', string('id')),
    channel.request('exec', string('id')),
  ]);
  if (second) return open('sshd started it');
  return first ? refused('sshd starts one command per session') : unknown('sshd did not start the first one either');
}

/** Tries to send a signal, repeatedly: a command that runs in place of the gate would wait for input and get the signal. */
async function signal(channel: Channel): Promise<Saw> {
  if (!(await channel.request('exec', string('cat')))) return refused('sshd runs no command');
  for (let left = 20; left > 0 && !channel.over; left--) {
    if (await channel.request('signal', string('TERM'))) return open('sshd sent it');
    await channel.more(momentMs);
  }
  return refused('sshd sends none');
}

export const requestAttempts: readonly Attempt[] = [
  {
    id: 'proof',
    tried: 'a login without a key',
    means: 'Passwords, or another way in, can be tried against a gated login.',
    remedy: 'AuthenticationMethods publickey, in the Match block',
    run: async (call) => offers(await call.offered()),
  },
  variable('env-preload', 'LD_PRELOAD', loads),
  variable('env-node', 'NODE_OPTIONS', loads),
  variable('env-bash', 'BASH_ENV', loads),
  variable(
    'env-lc',
    'LC_TMUX_GATE_PROBE',
    'Variables of the client other than its language reach what starts before the gate.',
  ),
  {
    id: 'sessions',
    tried: 'two sessions over one connection',
    means: 'Several visits share one connection, and one can go on after another has ended.',
    remedy: 'MaxSessions 1, in the Match block',
    run: async (call) => {
      const line = await call.dial();
      await session(line);
      const second = await requestChannel(line, 'session', Buffer.alloc(0));
      return second instanceof Channel ? open('sshd opened the second') : refused(`sshd: ${shown(second.problem)}`);
    },
  },
  {
    id: 'exec-twice',
    tried: 'two commands over one session',
    means: 'A second program runs beside the one that was checked.',
    remedy: 'update OpenSSH',
    run: async (call) => twice(await session(await call.dial())),
  },
  {
    id: 'signal',
    tried: 'a signal to what was started',
    means: 'No forced command was started: sshd passes signals only to what a client chose to run.',
    remedy: 'ForceCommand exec sudo -n /usr/lib/tmux-gate/gate, in the Match block',
    run: async (call) => signal(await session(await call.dial())),
  },
];

/** Tries whether sshd keeps an unused connection open. It takes `idleMs`, so it runs only on request. */
export function idleAttempt(idleMs: number): Attempt {
  return {
    id: 'idle',
    tried: 'a connection that runs nothing (ssh -N)',
    means: 'Idle connections stay open, and nobody sees them.',
    remedy: 'UnusedConnectionTimeout 30, in the Match block (OpenSSH 9.2 or later)',
    run: async (call) => {
      const line = await call.dial();
      const watch = new AbortController();
      const late = delay(idleMs, false, { signal: watch.signal });
      const closed = await Promise.race([line.closed.then(() => true), late]);
      late.catch(() => undefined); // aborted, which is no fault
      watch.abort();
      return closed ? refused('sshd closed it') : open('it is still there');
    },
  };
}
