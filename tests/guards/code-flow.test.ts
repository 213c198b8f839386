// Each check of a sign-in by the authorization code flow, taken out.
import { withoutChecks } from '../harness/source-guards.ts';
import { checks } from './checks/code-flow.ts';

withoutChecks(checks);
