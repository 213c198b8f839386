import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { openWindow, readClocks, warnings } from '../../../src/gate/window.ts';

describe('law 4: a window on real clocks', () => {
  test('is over at its end, not before and not much after', async () => {
    const end = Date.now() + 300;
    const at = await new Promise<number>((resolve) => {
      openWindow(end, { warn: () => undefined, over: () => resolve(Date.now()) });
    });
    expect(at).toBeGreaterThanOrEqual(end);
    expect(at).toBeLessThan(end + 5_000);
  });

  test('reads a boot clock that moves with the wall clock', () => {
    const { wall, boot } = readClocks();
    expect(Math.abs(wall - Date.now())).toBeLessThan(1000);
    expect(boot).toBeGreaterThan(0);
  });
});

describe('law 4: a window', () => {
  beforeEach(() => {
    jest.useFakeTimers({ now: 1_000_000_000_000 });
  });
  afterEach(() => {
    jest.useRealTimers();
  });
  const watch = (ms: number) => {
    const heard: string[] = [];
    const window = openWindow(Date.now() + ms, {
      warn: (left) => heard.push(`warn ${Math.round(left / 1000)}`),
      over: () => heard.push('over'),
    });
    return { heard, window };
  };

  test('that is over already is over at once', () => {
    expect(watch(-1).heard).toEqual(['over']);
    expect(watch(0).heard).toEqual(['over']);
  });

  test('warns ten, five and one minute before its end, once each', () => {
    const { heard, window } = watch(660_000);
    expect(window.left()).toBe(660_000);
    jest.advanceTimersByTime(659_000);
    expect(heard).toEqual(['warn 600', 'warn 300', 'warn 60']);
    window.stop();
  });

  test('that is shorter than a warning does not warn at its start', () => {
    const { heard, window } = watch(60_000);
    jest.advanceTimersByTime(59_000);
    expect(heard).toEqual([]);
    window.stop();
  });

  test('looks at the clocks every two seconds: a clock that jumps over the end cuts within that', () => {
    const { heard } = watch(3_600_000);
    jest.setSystemTime(Date.now() + 3_600_000);
    jest.advanceTimersByTime(2_000);
    expect(heard).toEqual(['over']);
  });

  test('that was slept through warns once, for what is left', () => {
    const { heard, window } = watch(3_600_000);
    jest.setSystemTime(Date.now() + 3_570_000);
    jest.advanceTimersByTime(2_000);
    expect(heard).toEqual(['warn 28']);
    window.stop();
  });

  test('moves both ways: an extension warns anew, a shortening ends at once', () => {
    const { heard, window } = watch(120_000);
    jest.advanceTimersByTime(61_000);
    window.moveTo(Date.now() + 400_000);
    jest.advanceTimersByTime(101_000);
    expect(heard).toEqual(['warn 60', 'warn 300']);
    window.moveTo(Date.now() - 1);
    expect(heard.at(-1)).toBe('over');
  });

  test('that was stopped says nothing more', () => {
    const { heard, window } = watch(10_000);
    window.stop();
    jest.advanceTimersByTime(20_000);
    expect(heard).toEqual([]);
    expect(warnings.every((before) => before > 0)).toBe(true);
  });
});
