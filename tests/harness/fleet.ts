// Two hosts with one Redis and one provider, whose keepers trust one another's signatures.
import { copyFileSync } from 'node:fs';
import { completeSignIn } from '../../scripts/sandbox/browser.ts';
import type { Host } from '../../scripts/sandbox/host.ts';
import type { Person } from '../../scripts/sandbox/person.ts';
import { place, testHost } from './inside.ts';

/** The fleet; disposing closes both hosts. */
export interface Fleet extends AsyncDisposable {
  readonly near: Host;
  readonly far: Host;
}

/**
 * Opens both hosts: `box-near`, and `box-far`, which maps its own logins to the people of the first one's provider.
 * @param redis as the policy names it @param prefixes of the two sandboxes, three letters each
 * @param people of the first host, beside those of every sandbox
 */
export async function openFleet(
  redis: unknown,
  [first, second]: readonly [string, string],
  people: Readonly<Record<string, readonly string[]>> = {},
): Promise<Fleet> {
  await using made = new AsyncDisposableStack();
  const edited = (config: object): object => ({ ...config, host: 'box-near', redis });
  const near = made.use(await testHost({ prefix: first, people, config: edited }));
  const names = { near: place(first), far: place(second) };
  const map = Object.fromEntries(
    ['alice', 'bob', 'mallory'].map((name) => [`${names.far}-${name}`, `${names.near}-${name}@example.com`]),
  );
  const claims = { login: { claim: 'email', map }, groups: 'groups' };
  const edit = (config: object): object => {
    const { oidc, ...rest } = config as Edited;
    return { ...rest, host: 'box-far', redis, oidc: { ...oidc, issuer: near.provider.issuer, claims } };
  };
  const far = made.use(await testHost({ prefix: second, config: edit }));
  await introduce(near, 'box-far', far);
  await introduce(far, 'box-near', near);
  const open = made.move();
  return { near, far, [Symbol.asyncDispose]: async () => open.disposeAsync() };
}

type Edited = Record<string, unknown> & { oidc: Record<string, unknown> };

/** Each trusts the other's public key, from root's own files. */
async function introduce(host: Host, name: string, peer: Host): Promise<void> {
  const key = `${host.root}/etc/tmux-gate/${name}.jwk`;
  copyFileSync(`${peer.root}/var/lib/tmux-gate/keys/host.pub.jwk`, key);
  host.writeConfig({ ...host.config, peers: { [name]: key } });
  await host.keeper.stop();
  await host.keeper.start();
}

const link = /http:\/\/127\.0\.0\.1:\d+\/device\?user_code=[A-Z]{4}-[A-Z]{4}/;

/** Types a verb at one host and proves who it is, if that is asked, with somebody's account of the shared provider. */
export async function say(
  person: Person,
  words: readonly string[],
  as: Person = person,
): Promise<{ code: number | null; text: string; stdout: string }> {
  const terminal = person.ssh(words, { tty: false });
  const proved = terminal.until(link).then(async ([url]) => completeSignIn(url, as.account));
  await Promise.race([proved.catch(() => undefined), terminal.exit]);
  const { code } = await terminal.exit;
  return { code, text: terminal.text, stdout: terminal.stdout };
}
