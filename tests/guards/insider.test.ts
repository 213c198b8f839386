// Each guard against an engineer inside a session, taken out.
import { withoutGuards } from '../harness/attack.ts';
import { stages } from '../e2e/adversary/stages.ts';

await withoutGuards(stages.insider, new RegExp(process.env['GUARDS'] ?? ''));
