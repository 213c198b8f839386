// How a person is called on a screen.
import type { Person } from '../../core/request.ts';
import { sanitizeLine } from '../../core/text.ts';

export function nameOf(person: Person): string {
  return `${sanitizeLine(person.login, 64)} (${sanitizeLine(person.claim, 120)})`;
}
