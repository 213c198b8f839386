// How a person is called on a screen.
import type { Person } from '../../core/request.ts';
import { line } from '../../core/text.ts';

export function nameOf(person: Person): string {
  return `${line(person.login, 64)} (${line(person.claim, 120)})`;
}
