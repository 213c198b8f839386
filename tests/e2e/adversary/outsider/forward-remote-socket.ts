// `ssh -N -R` puts a socket into a folder of the host; it stays there when the line is gone.
import { expect } from '@jest/globals';
import { existsSync } from 'node:fs';
import { outcome } from '../../../../scripts/sandbox/exec.ts';
import type { Attack } from '../../../harness/attack.ts';
import { openMarks } from '../../../harness/from-outside.ts';
import { withoutSshdLine } from '../../../harness/sshd-lines.ts';

export const attack: Attack = {
  guards: [{ what: 'DisableForwarding in the Match block', remove: withoutSshdLine('DisableForwarding yes') }],
  run: async (host) => {
    using marks = openMarks(host);
    const path = `${marks.folder}/sock`;
    const options = ['-N', '-o', 'ExitOnForwardFailure=yes', '-R', `${path}:127.0.0.1:9`];
    const line = outcome('ssh', [...options, ...host.people.alice.sshArgs()], { timeoutMs: 3_000 });
    const { stderr } = await line;
    expect(existsSync(path)).toBe(false);
    expect(stderr).toMatch(/forwarding failed/);
  },
};
