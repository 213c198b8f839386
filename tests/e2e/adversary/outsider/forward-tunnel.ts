// `ssh -w` asks for a network device of the host, which DisableForwarding does not cover.
import { expect } from '@jest/globals';
import type { Attack } from '../../../harness/attack.ts';
import { sshdLineBecomes } from '../../../harness/sshd-edits.ts';

export const attack: Attack = {
  guards: [
    {
      what: 'PermitTunnel, on a host that permits tunnels',
      remove: sshdLineBecomes('PermitTunnel no', 'PermitTunnel yes'),
    },
  ],
  run: async ({ people: { alice } }) => {
    await using line = alice.ssh(['-v', '-N', '-w', 'any:any'], { tty: false });
    // Where this machine has no tun device for the client's own end, the client does not even ask.
    await line.until(/Remote: .*tunnel|tunnel device open failed|tunnel forward established/i);
    expect(line.text).toMatch(/Remote: Server has rejected tunnel|tunnel device open failed/i);
  },
};
