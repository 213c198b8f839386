// Each check of evidence of a period, taken out of verify.sh and of the verifier in Python.
import { withoutChecks } from '../harness/source-guards.ts';
import { checks } from './checks/evidence-period.ts';

withoutChecks(checks);
