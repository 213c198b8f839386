// Where the bench takes place: a sandbox host with a few more sessions, and the bare peer beside it.
import { openHost, type Host } from '../sandbox/host.ts';
import type { SandboxConfig } from '../sandbox/install.ts';
import { peer, startBare, type Bare } from './bare.ts';
import { crowdPeople } from './crowd.ts';
import { mostWindows, shortSession, windowSession } from './ends.ts';
import { signIn } from './inside.ts';

export interface Setting extends AsyncDisposable {
  readonly host: Host;
  readonly bare: Bare;
}

function config(given: SandboxConfig): object {
  const like = given.sessions['prod-db'];
  const names = [shortSession, ...Array.from({ length: mostWindows }, (_, n) => windowSession(n))];
  return { ...given, sessions: { 'prod-db': like, ...Object.fromEntries(names.map((name) => [name, like])) } };
}

/** Ready to measure: alice has a live sign-in, and a grant for prod-db that outlasts the bench. */
export async function openBench(): Promise<Setting> {
  await using made = new AsyncDisposableStack();
  const { TMUX_GATE_DIST: dist } = process.env;
  const host = made.use(
    await openHost({
      prefix: 'bench',
      config,
      people: { [peer]: [], ...crowdPeople },
      ...(dist === undefined ? {} : { dist }),
    }),
  );
  const bare = made.use(await startBare(host));
  await signIn(host);
  const kept = made.move();
  return { host, bare, [Symbol.asyncDispose]: async () => kept.disposeAsync() };
}
