// Whether the person at this terminal wants a plain screen, by the environment and by what they typed (wire/plain.ts).
import { plainnessOf, type Plainness } from '../wire/plain.ts';

export function typedPlainness(): Plainness {
  return plainnessOf(process.env, process.argv.slice(2).join(' '));
}
