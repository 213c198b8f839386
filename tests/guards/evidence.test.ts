// Each check of an archive, its log and its recordings, taken out of verify.sh and of the verifier in Python.
import { withoutChecks } from '../harness/source-guards.ts';
import { checks } from './checks/evidence.ts';

withoutChecks(checks);
