// Each guard against what a policy said that is no longer in force, taken out.
import { withoutChecks } from '../harness/source-guards.ts';
import { checks } from './checks/reload.ts';

withoutChecks(checks);
