import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { refuseAlone, screenOn } from '../../../src/gate/screen.ts';
import { mouthOf } from './mouth.ts';

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

describe('without a terminal', () => {
  test("only a verb's own output goes to stdout: everything else would break sftp's framing", () => {
    const mouth = mouthOf(false);
    const voice = screenOn(mouth);
    voice.out(['{"ok":true}']);
    voice.note(['a note']);
    voice.prompt('Reason: ');
    voice.bell();
    expect(refuseAlone(voice, 'KEEPER_DOWN', { host: 'prod-box' })).toBe(69);
    voice.out([]);
    expect(mouth.said.stdout).toBe('{"ok":true}\n');
    expect(mouth.said.stderr).toContain(
      'a note\nReason: tmux-gate: tmux-gate is not running on prod-box, so nobody can connect. [KEEPER_DOWN]\n',
    );
  });

  test('a wait says every ten seconds how long it has been, until it is over', () => {
    const mouth = mouthOf(false);
    const voice = screenOn(mouth);
    voice.wait('Waiting for an approver', undefined);
    jest.advanceTimersByTime(21_000);
    expect(mouth.said.stderr).toBe(
      ['0s', '10s', '20s'].map((waited) => `Waiting for an approver (${waited}). Press Ctrl-C to cancel.\n`).join(''),
    );
    voice.calm();
    jest.advanceTimersByTime(60_000);
    expect(mouth.said.stderr.match(/\n/g)).toHaveLength(3);
  });
});

test('a plain terminal is drawn over by nothing, and says what is left', () => {
  const mouth = mouthOf(true);
  const voice = screenOn({ ...mouth, style: { ...mouth.style, plain: true } });
  voice.wait('Waiting', Date.now() + 60_000);
  jest.advanceTimersByTime(10_000);
  expect(mouth.said).toEqual({
    stdout: '',
    stderr: 'Waiting (1m left). Press q to cancel.\nWaiting (50s left). Press q to cancel.\n',
  });
  voice.calm();
});

describe('on a terminal', () => {
  test('a wait is one line that turns, with what is left; it is gone when something is said', () => {
    const mouth = mouthOf(true);
    const voice = screenOn(mouth);
    voice.wait('Waiting', Date.now() + 60_000);
    expect(mouth.said.stdout).toBe('\r\u001b[2K| Waiting (1m left). Press q to cancel.');
    jest.advanceTimersByTime(5_000);
    expect(mouth.said.stdout).toContain('Waiting (55s left). Press q to cancel.');
    voice.wait('Still waiting', undefined);
    voice.note(['Approved.']);
    expect(mouth.said.stdout).toMatch(/Still waiting \(0s\)\. Press q to cancel\.\r\u001b\[2KApproved\.\n$/);
    expect(jest.getTimerCount()).toBe(0);
  });

  test('the bell rings, and a prompt is folded to the width', () => {
    const mouth = mouthOf(true, 20);
    const voice = screenOn(mouth);
    voice.bell();
    voice.prompt('Reason (ticket and what): ');
    expect(mouth.said.stdout).toBe('\u0007Reason (ticket and\nwhat): ');
    expect(mouth.said.stderr).toBe('');
  });
});
