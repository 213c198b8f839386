// Each guard against an engineer at the door, taken out.
import { withoutGuards } from '../harness/attack.ts';
import { stages } from '../e2e/adversary/stages.ts';

await withoutGuards(stages.outsider, new RegExp(process.env['GUARDS'] ?? ''));
