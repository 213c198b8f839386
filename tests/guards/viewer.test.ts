// Each guard against who only watches, and who types only while another does, taken out.
import { withoutGuards } from '../harness/attack.ts';
import { stages } from '../e2e/adversary/stages.ts';

await withoutGuards(stages.viewer, new RegExp(process.env['GUARDS'] ?? ''));
