// What the terminal's title says while one is inside: the session cannot prevent it (docs/design.md, "The end of access").
import { formatClock, formatDuration } from '../core/time.ts';
import type { Go, InputRule } from '../wire/messages.ts';

type Place = Pick<Go, 'session' | 'host' | 'fixed'>;

const before: Readonly<Record<InputRule, string>> = {
  pass: '',
  held: 'INPUT HELD until an approver looks on: ',
  never: 'looking on, q leaves: ',
};

export function titleOf({ session, host }: Place, rule: InputRule, end: number): string {
  return `${before[rule]}${session} on ${host}, until ${formatClock(end)}`;
}

export function warningOf({ session, host, fixed }: Place, rule: InputRule, left: number): string {
  const more = fixed === true ? '' : `; more: ssh ${host} extend 10m --reason ...`;
  return `${before[rule]}${formatDuration(left)} left in ${session} on ${host}${more}`;
}

export function idleWarningOf({ session, host }: Place, left: number): string {
  return `no key for a while: ${session} on ${host} ends in ${formatDuration(left)}`;
}

/** The farewell of who left for want of a key; the window stays open. */
export function idleLines({ session, host }: Place, ms: number): readonly string[] {
  return [
    `tmux-gate: no key for ${formatDuration(ms)} in ${session} on ${host}, so the line was cut.`,
    `Your window stays open; again: ssh -t ${host} ${session}`,
  ];
}
