// The hosts of the benchmark: a sandbox host with more sessions, and beside it the bare sshd to compare with.
import { openHost, type Host } from '../sandbox/host.ts';
import type { SandboxConfig } from '../sandbox/install.ts';
import { peer, startBare, type Bare } from './bare.ts';
import { crowdPeople } from './crowd.ts';
import { manyPeople } from './once.ts';
import { mostWindows, shortSession, windowSession } from './ends.ts';
import { letInOnce, quiet } from './inside.ts';

export interface Setting extends AsyncDisposable {
  readonly host: Host;
  readonly bare: Bare;
}

function config(given: SandboxConfig): object {
  const like = given.sessions['prod-db'];
  const names = [shortSession, ...Array.from({ length: mostWindows }, (_, n) => windowSession(n))];
  return {
    ...given,
    recordings: { quota: '4GiB' },
    sessions: { 'prod-db': like, ...Object.fromEntries(names.map((name) => [name, like])) },
  };
}

/** Makes both ready: alice has a live sign-in, and a grant for prod-db that is longer than the benchmark. */
export async function openBench(): Promise<Setting> {
  await using made = new AsyncDisposableStack();
  const { TMUX_GATE_DIST: dist } = process.env;
  const host = made.use(
    await openHost({
      prefix: 'bench',
      config,
      people: { [peer]: [], ...crowdPeople, ...manyPeople },
      ...(dist === undefined ? {} : { dist }),
    }),
  );
  const bare = made.use(await startBare(host));
  await letInOnce(host, host.people.alice);
  await quiet(host);
  const kept = made.move();
  return { host, bare, [Symbol.asyncDispose]: async () => kept.disposeAsync() };
}
