// The messages of `doctor`; those of each check are with the check (src/doctor).
export const noSuchCheck = (ids: string): string => `there is no check ${ids}`;
export const checksListed = 'docs/doctor.md lists them';
export const looking = 'Looking at this host';
export const fix = 'fix:';
export const andMore = (count: number): string => ` and ${count} more`;

export interface Counts {
  readonly all: number;
  readonly ok: number;
  readonly warn: number;
  readonly unknown: number;
  readonly fail: number;
}

/** The last line of the report. @param paint colours a part of it by its verdict */
export function summaryLine(
  counts: Counts,
  paint: (verdict: 'warn' | 'unknown' | 'fail', text: string) => string,
): string {
  const parts = [
    `${counts.ok} in order`,
    ...(counts.warn > 0 ? [paint('warn', `${counts.warn} warning${counts.warn === 1 ? '' : 's'}`)] : []),
    ...(counts.unknown > 0 ? [paint('unknown', `${counts.unknown} could not be checked`)] : []),
    ...(counts.fail > 0 ? [paint('fail', `${counts.fail} FAILED`)] : []),
  ];
  return `${counts.all} ${counts.all === 1 ? 'check' : 'checks'}: ${parts.join(', ')}.`;
}

export const notRoot = 'Some checks need root: sudo tmux-gate doctor';
