// Whether the person at this terminal wants colours (wire/plain.ts).
import { plainnessOf } from '../wire/plain.ts';

export function wantsColour(): boolean {
  return plainnessOf(process.env, process.argv.slice(2).join(' ')).colour;
}
