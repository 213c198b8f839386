// Refusals of the gate itself. Those of the keeper arrive as text, so that the gate need not load them.
import { fillRefusal, type RefusalEntry, type RefusalNames } from '../core/refusal-text.ts';
import { gateRefusals } from '../core/refusals-gate.ts';

export type GateRefusalCode = keyof typeof gateRefusals;

/** The refusal with this code, with names filled in. */
export function ownRefusal(
  code: GateRefusalCode,
  names: RefusalNames,
): RefusalEntry & { readonly code: GateRefusalCode } {
  return { code, ...fillRefusal(gateRefusals[code], names) };
}
