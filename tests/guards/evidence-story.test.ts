// Each check of the story that evidence tells, taken out of verify.sh and of the verifier in Python.
import { withoutChecks } from '../harness/source-guards.ts';
import { checks } from './checks/evidence-story.ts';

withoutChecks(checks);
