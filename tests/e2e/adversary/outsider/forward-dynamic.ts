// `ssh -N -D` is a SOCKS proxy into the host's network: it opens on the engineer's side, and an empty connection carries it.
import { expect } from '@jest/globals';
import { connect } from 'node:net';
import { accepts, freePort } from '../../../../scripts/sandbox/sockets.ts';
import type { Attack } from '../../../harness/attack.ts';
import { openService } from '../../../harness/from-outside.ts';
import { eventually } from '../../../../scripts/sandbox/eventually.ts';
import { withoutSshdLine } from '../../../harness/sshd-lines.ts';

/** SOCKS4: connect to a port of the other side's loopback, and listen. */
async function throughProxy(proxy: number, port: number): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(proxy, '127.0.0.1', () => {
      socket.write(Buffer.from([4, 1, port >> 8, port & 255, 127, 0, 0, 1, 0]));
    });
    let text = '';
    socket.on('data', (bytes: Buffer) => (text += bytes.toString('latin1')));
    socket.on('error', () => undefined).on('close', () => resolve(text));
  });
}

export const attack: Attack = {
  guards: [{ what: 'DisableForwarding in the Match block', remove: withoutSshdLine('DisableForwarding yes') }],
  run: async ({ people: { alice } }) => {
    await using service = await openService();
    const proxy = await freePort();
    await using line = alice.ssh(['-N', '-D', String(proxy)], { tty: false });
    await eventually('the client listens', async () => accepts({ port: proxy, host: '127.0.0.1' }));
    expect(await throughProxy(proxy, service.port)).not.toContain('inner service');
    expect(service.reached()).toBe(0);
    expect(line.text).toMatch(/administratively prohibited/);
  },
};
