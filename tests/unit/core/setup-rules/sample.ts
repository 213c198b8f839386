// A journal for the tests of setup's rules.
import type { SetupJournal } from '../../../../src/core/setup-rules/change.ts';

/** A change that waits for its confirmation. */
export function aJournal(differs: Partial<SetupJournal> = {}): SetupJournal {
  return {
    ...{ version: 1, id: 'J0URNA1', command: 'init', boot: 'boot-a', owner: { pid: 42, start: 1000 } },
    ...{ stage: 'waiting', deadlineMs: 120_000, changedAt: 5_000, session: 7, code: 'C0DE', sshd: true },
    ...{ changes: [], bystanders: [], ...differs },
  };
}
