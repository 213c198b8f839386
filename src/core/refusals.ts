// All refusals. Each has a code that never changes its meaning, one sentence for the person, a hint what to do, and an exit code. The
// cause is for the log alone. `{name}` is replaced by ids and names of our own, filtered (law 9). A sentence holds nothing secret
// (law 11), and a person's text only as such a name. docs/refusals.md is generated from these.

import type { RefusalEntry } from './refusal-text.ts';
import { codeFlowRefusals } from './refusals-code-flow.ts';
import { conversationRefusals } from './refusals-conversation.ts';
import { emergencyRefusals } from './refusals-emergency.ts';
import { followRefusals } from './refusals-follow.ts';
import { gateRefusals } from './refusals-gate.ts';
import { hostRefusals } from './refusals-host.ts';
import { identityRefusals } from './refusals-identity.ts';
import { requestRefusals } from './refusals-request.ts';
import { reviewRefusals } from './refusals-review.ts';

export const refusals = {
  ...gateRefusals,
  ...conversationRefusals,
  ...identityRefusals,
  ...codeFlowRefusals,
  ...requestRefusals,
  ...reviewRefusals,
  ...followRefusals,
  ...hostRefusals,
  ...emergencyRefusals,
} as const satisfies Record<string, RefusalEntry>;

export type RefusalCode = keyof typeof refusals;
