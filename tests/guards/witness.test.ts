// Each check of a letter in the store, and of what a witness answers, taken out.
import { withoutChecks } from '../harness/source-guards.ts';
import { checks } from './checks/witness.ts';

withoutChecks(checks);
