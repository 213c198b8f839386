// A person's name on a screen.
import type { Person } from '../../core/request.ts';
import { sanitizeLine } from '../../core/text.ts';

/** `login (claim)`, filtered for a screen. */
export function nameOf(person: Person): string {
  return `${sanitizeLine(person.login, 64)} (${sanitizeLine(person.claim, 120)})`;
}
