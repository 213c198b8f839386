// A refusal that the gate makes by itself. It loads no sentence but these: the keeper sends its own.
import { fillRefusal, type RefusalEntry, type RefusalNames } from '../core/refusal-text.ts';
import { gateRefusals } from '../core/refusals-gate.ts';

export type GateRefusalCode = keyof typeof gateRefusals;

export function ownRefusal(
  code: GateRefusalCode,
  names: RefusalNames,
): RefusalEntry & { readonly code: GateRefusalCode } {
  return { code, ...fillRefusal(gateRefusals[code], names) };
}
