import { expect, test } from '@jest/globals';
import {
  clientEnded,
  clientKilled,
  clientStopped,
  lineLost,
  quotaReached,
  recordingFailed,
  windowOver,
} from '../../../src/gate/end.ts';
import { go } from './sample.ts';

test('each end has its reason for the keeper, its exit code and its last lines', () => {
  expect(lineLost).toEqual({ why: 'line', exit: 129, lines: [] });
  expect(windowOver(['over'])).toEqual({ why: 'cut', exit: 0, lines: ['over'] });
  expect(clientEnded(go, 0)).toMatchObject({ why: 'detached', exit: 0 });
  expect(clientEnded(go, 0).lines[0]).toMatch(
    /^tmux-gate: Detached\. Access lasts until \S+ UTC\. Reattach: ssh -t \S+ prod-db$/,
  );
  expect(clientEnded({ ...go, input: 'never' }, 0).lines[0]).toMatch(/prod-db --view$/);
  expect(clientEnded(go, 1)).toMatchObject({ why: 'failed', exit: 71 });
  expect(clientEnded(go, 1).lines.join(' ')).toContain('[ATTACH_FAILED]');
  expect(clientKilled(go).lines[0]).toContain('client in prod-db was killed');
  expect(clientStopped(go)).toMatchObject({ why: 'failed', exit: 71 });
  expect(clientStopped(go).lines[0]).toContain('could not be continued');
  expect(recordingFailed(go)).toMatchObject({ why: 'recording', exit: 74 });
  expect(quotaReached(go)).toMatchObject({ why: 'quota', exit: 75 });
  expect(quotaReached(go).lines.join(' ')).toMatch(
    /may have 1 GiB\. Your access has not ended\..* ssh -t prod-box prod-db$/,
  );
});
