// Each guard against somebody with write access to Redis, taken out.
import { withoutGuards } from '../harness/attack.ts';
import { stages } from '../e2e/adversary/stages.ts';

await withoutGuards(stages.store, new RegExp(process.env['GUARDS'] ?? ''));
