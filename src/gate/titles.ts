// The title of the terminal while a person is attached, which the session cannot prevent (docs/design.md, "The end of access").
import { formatClock, formatDuration } from '../core/time.ts';
import type { Go, InputRule } from '../wire/messages.ts';

type Place = Pick<Go, 'session' | 'host' | 'fixed'>;

const before: Readonly<Record<InputRule, string>> = {
  pass: '',
  held: 'INPUT HELD until an approver looks on: ',
  never: 'looking on, q leaves: ',
};

/** The usual title. @param end of the window: instant, ms */
export function titleOf({ session, host }: Place, rule: InputRule, end: number): string {
  return `${before[rule]}${session} on ${host}, until ${formatClock(end)}`;
}

/** The title before the end of the window. @param left milliseconds until then */
export function warningOf({ session, host, fixed }: Place, rule: InputRule, left: number): string {
  const more = fixed === true ? '' : `; more: ssh ${host} extend 10m --reason ...`;
  return `${before[rule]}${formatDuration(left)} left in ${session} on ${host}${more}`;
}

/** The title before the end by idle time. @param left milliseconds until then */
export function idleWarningOf({ session, host }: Place, left: number): string {
  return `no key for a while: ${session} on ${host} ends in ${formatDuration(left)}`;
}

/** The last lines for somebody who is disconnected for idle time. The window stays open, so they may connect again. @param ms the limit */
export function idleLines({ session, host }: Place, ms: number): readonly string[] {
  return [
    `tmux-gate: no key for ${formatDuration(ms)} in ${session} on ${host}, so the line was cut.`,
    `Your window stays open; again: ssh -t ${host} ${session}`,
  ];
}
