// Two hosts with one Redis and one provider, whose keepers trust one another's signatures.
import { copyFileSync } from 'node:fs';
import { openHost, type Host, type HostOptions } from './host.ts';

/** The fleet; disposing closes both hosts. */
export interface Fleet extends AsyncDisposable {
  readonly near: Host;
  readonly far: Host;
}

export interface FleetOptions {
  /** As the policy names it. */
  readonly redis: unknown;
  /** Of the two sandboxes, of three letters each. */
  readonly prefixes: readonly [string, string];
  /** Of the first host, beside those of every sandbox. */
  readonly people?: Readonly<Record<string, readonly string[]>>;
  /** Opens each host (default: openHost). */
  readonly open?: (options: HostOptions) => Promise<Host>;
}

/** Opens both hosts: `box-near`, and `box-far`, which maps its own logins to the people of the first one's provider. */
export async function openFleet({ redis, prefixes, people = {}, open = openHost }: FleetOptions): Promise<Fleet> {
  await using made = new AsyncDisposableStack();
  const [first, second] = prefixes;
  const near = made.use(
    await open({ prefix: first, people, config: (config) => ({ ...config, host: 'box-near', redis }) }),
  );
  const map = Object.fromEntries(
    ['alice', 'bob', 'mallory'].map((name) => [`${second}-${name}`, `${first}-${name}@example.com`]),
  );
  const claims = { login: { claim: 'email', map }, groups: 'groups' };
  const far = made.use(
    await open({
      prefix: second,
      config: ({ oidc, ...rest }) => ({
        ...{ ...rest, host: 'box-far', redis },
        oidc: { ...oidc, issuer: near.provider.issuer, claims },
      }),
    }),
  );
  await introduce(near, 'box-far', far);
  await introduce(far, 'box-near', near);
  const opened = made.move();
  return { near, far, [Symbol.asyncDispose]: async () => opened.disposeAsync() };
}

/** Each trusts the other's public key, from root's own files. */
async function introduce(host: Host, name: string, peer: Host): Promise<void> {
  const key = `${host.root}/etc/tmux-gate/${name}.jwk`;
  copyFileSync(`${peer.root}/var/lib/tmux-gate/keys/host.pub.jwk`, key);
  host.writeConfig({ ...host.config, peers: { [name]: key } });
  await host.keeper.stop();
  await host.keeper.start();
}
