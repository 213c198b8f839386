// Every way to be refused: a code that never changes its meaning, one sentence for the person, a hint what to do. The cause
// goes to the log alone. `{name}` places are filled with our own ids and names, filtered (law 9); nothing secret
// (law 11) and nothing that a person wrote is ever a sentence of ours. docs/refusals.md is made from this;
// a test compares.

import type { RefusalEntry } from './refusal-text.ts';
import { conversationRefusals } from './refusals-conversation.ts';
import { emergencyRefusals } from './refusals-emergency.ts';
import { gateRefusals } from './refusals-gate.ts';
import { hostRefusals } from './refusals-host.ts';
import { identityRefusals } from './refusals-identity.ts';
import { requestRefusals } from './refusals-request.ts';
import { reviewRefusals } from './refusals-review.ts';

export const refusals = {
  ...gateRefusals,
  ...conversationRefusals,
  ...identityRefusals,
  ...requestRefusals,
  ...reviewRefusals,
  ...hostRefusals,
  ...emergencyRefusals,
} as const satisfies Record<string, RefusalEntry>;

export type RefusalCode = keyof typeof refusals;
