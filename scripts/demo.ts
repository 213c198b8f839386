// The demo: a sandbox host, with either a guide for the person or a story that runs by itself. Started by scripts/demo.
//
// 1. However it ends (Ctrl-C, a closed terminal, kill), everything is removed; what a crash left is removed by the next start.
// 2. It changes nothing that it did not make; if a name that it needs exists, it refuses (scripts/sandbox/host.ts).
import { openHost, type Host } from './sandbox/host.ts';
import type { SandboxConfig } from './sandbox/install.ts';
import { layoutOf } from './sandbox/layout.ts';
import { playAll } from './story/auto.ts';
import { signIn, writePeople } from './story/people-file.ts';
import { stay } from './story/stay.ts';
import { during, say } from './story/tell.ts';

const prefix = 'demo';
const exits = { ok: 0, failed: 1, usage: 64, unavailable: 69, noperm: 77, interrupted: 130 } as const;

function fail(code: number, text: string): number {
  process.stderr.write(`demo: ${text}\n`);
  return code;
}

/** The message of an error without its advice to choose another prefix, since the demo has only one. */
const wordsOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).replace(/[;,]?( or)? choose another prefix$/, '');

/** Short windows, so that people who try the demo see one end. */
const config = (given: SandboxConfig): object => ({
  ...given,
  oidc: { ...given.oidc, approval_client: { client_id: 'tmux-gate-approve' } },
  sessions: { 'prod-db': { ...given.sessions['prod-db'], window: { default: '2m', max: '1h' } } },
});

/** Aborts at the first signal that asks to end (rule 1). Further signals are ignored, since the clean-up runs already. */
function stopSignal(): AbortSignal {
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stop.abort());
  // When the terminal closes, output fails; the clean-up runs all the same.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => stop.abort());
  return stop.signal;
}

async function show(auto: boolean): Promise<number> {
  const stop = stopSignal();
  let host: Host;
  try {
    host = await during(
      'Bringing up a host with sshd, sudo rule, keeper, Redis and OpenID provider',
      openHost({ prefix, config }),
    );
  } catch (error) {
    if (stop.aborted) return exits.interrupted;
    return fail(exits.unavailable, wordsOf(error));
  }
  try {
    writePeople(host);
    if (!auto && !stop.aborted) await stay(host, stop);
    const happened = auto ? await untilStopped(playAll(host, stop), stop) : true;
    return stop.aborted && auto ? exits.interrupted : happened ? exits.ok : exits.failed;
  } finally {
    await during('Removing everything', Promise.resolve(host[Symbol.asyncDispose]()));
  }
}

async function untilStopped(story: Promise<boolean>, stop: AbortSignal): Promise<boolean> {
  const stopped = new Promise<boolean>((resolve) => stop.addEventListener('abort', () => resolve(false)));
  return Promise.race([story, stopped]);
}

async function main(args: readonly string[]): Promise<number> {
  if (process.getuid?.() !== 0)
    return fail(exits.noperm, 'this makes accounts and a sudo rule for the sandbox: run it as root');
  const [option, link, who, ...more] = args;
  if (option === undefined || (option === '--auto' && link === undefined)) return show(option === '--auto');
  if (option !== '--sign-in' || link === undefined || who === undefined || more.length > 0)
    return fail(exits.usage, 'usage: demo [--auto | --sign-in LINK alice|bob|mallory]');
  try {
    say(await signIn(layoutOf(prefix), link, who));
    return exits.ok;
  } catch (error) {
    return fail(exits.unavailable, wordsOf(error));
  }
}

process.exit(await main(process.argv.slice(2)));
