// Each check of the package and of the state's format, taken out.
import { withoutChecks } from '../harness/source-guards.ts';
import { checks } from './checks/package.ts';

withoutChecks(checks);
