// Each guard against somebody who forges proof: tokens, reviews, identities, taken out.
import { withoutGuards } from '../harness/attack.ts';
import { stages } from '../e2e/adversary/stages.ts';

await withoutGuards(stages.forger, new RegExp(process.env['GUARDS'] ?? ''));
