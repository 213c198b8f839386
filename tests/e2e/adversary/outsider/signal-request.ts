// The engineer's client asks sshd to signal what runs for it: to stop or end the gate from outside the terminal.
import { expect } from '@jest/globals';
import type { ClientChannel } from 'ssh2';
import { writeExact } from '../../../../scripts/sandbox/files.ts';
import type { Host } from '../../../../scripts/sandbox/host.ts';
import { gates, isGate } from '../../../harness/around.ts';
import type { Attack } from '../../../harness/attack.ts';
import { changeAccount, gatePath } from '../../../harness/from-outside.ts';
import { eventually } from '../../../../scripts/sandbox/eventually.ts';
import { withoutDirective } from '../../../harness/sshd-edits.ts';

/** A login shell that starts the gate: to sshd nothing is forced then, and it passes signals on. */
async function gateAsShell(host: Host): Promise<void> {
  const shell = `${host.layout.lib}/door`;
  const start = `#!/bin/sh\nSSH_ORIGINAL_COMMAND="$2" exec /usr/bin/sudo -n ${gatePath(host.layout)}\n`;
  writeExact(shell, start, 0o755);
  await changeAccount('usermod', ['-s', shell, host.people.alice.login]);
  await withoutDirective('ForceCommand')(host);
}

export const attack: Attack = {
  guards: [
    {
      what: "sshd's refusal for forced commands, and root as the gate's real uid behind it",
      mutations: [{ file: 'gate', piece: 'process.seteuid?.(uid)', becomes: 'process.setuid?.(uid)' }],
      remove: gateAsShell,
    },
  ],
  run: async ({ people: { alice }, layout }) => {
    const client = await alice.connect();
    const channel = await new Promise<ClientChannel>((resolve, reject) => {
      client.exec('prod-db', { pty: true }, (error, opened) => (error === undefined ? resolve(opened) : reject(error)));
    });
    let text = '';
    channel.on('data', (bytes: Buffer) => (text += bytes.toString()));
    await eventually('it asks to sign in', () => /user_code=|Reason \(/.test(text));
    const [gate = 0] = gates(layout);
    for (const signal of ['TERM', 'HUP', 'KILL']) channel.signal(signal);
    await alice.run(['whoami']); // time enough for what went before it
    expect(isGate(layout, gate)).toBe(true);
    client.destroy();
  },
};
