// `ssh -w` asks for a network device of the host, which DisableForwarding does not cover.
import { expect } from '@jest/globals';
import type { Attack } from '../../../house/attack.ts';
import { sshdLineBecomes } from '../../../house/sshd-lines.ts';

export const attack: Attack = {
  guards: [
    {
      what: 'PermitTunnel, on a host that permits tunnels',
      remove: sshdLineBecomes('PermitTunnel no', 'PermitTunnel yes'),
    },
  ],
  run: async ({ people: { alice } }) => {
    await using line = alice.ssh(['-v', '-N', '-w', 'any:any'], { tty: false });
    await line.until(/tunnel device forwarding|Failed to open the tunnel|tun device|open failed/i);
    expect(line.text).toBe('');
  },
};
