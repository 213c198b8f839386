// Stands between hosts and a Redis, and changes what it answers: what another version or a managed service would answer.
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type NetConnectOpts, type Socket } from 'node:net';

type Change = (answer: Buffer) => Buffer;

export interface OnTheWay extends AsyncDisposable {
  readonly port: number;
  /** Changes answers from now on. */
  turn(change: Change): void;
  /** Ends all connections. */
  drop(): void;
}

export const same: Change = (answer) => answer;

/** As Redis 6 answers INFO. Of the same length, since the length of the answer comes before it. */
export const older: Change = (answer) =>
  Buffer.from(answer.toString('latin1').replace(/redis_version:\d/, 'redis_version:6'), 'latin1');

/** Listens on a free port of this machine. @param to the server */
export async function onTheWay(to: NetConnectOpts): Promise<OnTheWay> {
  let changed = same;
  const open = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(to);
    for (const one of [near, far]) {
      open.add(one);
      one.on('error', () => undefined).on('close', () => open.delete(one));
    }
    near.on('data', (data) => far.write(data)).on('close', () => far.destroy());
    far.on('data', (data: Buffer) => near.write(changed(data))).on('close', () => near.destroy());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const drop = (): void => {
    for (const one of open) one.destroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    turn: (change) => (changed = change),
    drop,
    [Symbol.asyncDispose]: async () => {
      server.close();
      drop();
      await once(server, 'close');
    },
  };
}
