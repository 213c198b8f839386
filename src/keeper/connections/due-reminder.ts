// When somebody is reminded of the end of their access.
import { minute } from '../../core/time.ts';

/** Milliseconds before the end. */
export const reminders = [10 * minute, 5 * minute, minute] as const;

/** @param left milliseconds until the end. @returns the reminder that is due (milliseconds before the end); undefined for none yet. */
export const dueAt = (left: number): number | undefined => reminders.filter((threshold) => left <= threshold).at(-1);
