// Each guard against a colleague in the same session, taken out.
import { withoutGuards } from '../harness/attack.ts';
import { stages } from '../e2e/adversary/stages.ts';

await withoutGuards(stages.colleague, new RegExp(process.env['GUARDS'] ?? ''));
