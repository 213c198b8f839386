// Statistics of samples.

/** The nearest-rank percentile. @param share 0 to 1. @throws Error without samples */
export function percentile(samples: readonly number[], share: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  const found = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
  if (found === undefined) throw new Error('nothing was measured');
  return found;
}

export const p50 = (samples: readonly number[]): number => percentile(samples, 0.5);
export const p99 = (samples: readonly number[]): number => percentile(samples, 0.99);

export const rounded = (value: number): number => Number(value.toFixed(Math.abs(value) < 10 ? 3 : 1));
