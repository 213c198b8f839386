// Each check of what an access needs to be whole, of sealing, and of the heads of a journal, taken out.
import { withoutChecks } from '../harness/source-guards.ts';
import { checks } from './checks/evidence-whole.ts';

withoutChecks(checks);
