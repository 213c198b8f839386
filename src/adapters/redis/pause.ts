// 1. Hosts that lose their connection at one moment come back at different ones. Accident: a thousand hosts connect in the same
//    milliseconds to a Redis that has just started, time out, and do so again together.
import { second } from '../../core/time.ts';

const longestMs = 2 * second;

/** The pause before a try to connect, in milliseconds. @param times the tries until now @param chance between 0 and 1 */
export function pauseBefore(times: number, chance = Math.random()): number {
  const whole = Math.min(50 * 2 ** Math.min(times - 1, 10), longestMs);
  return Math.round(whole * (0.5 + chance / 2));
}
