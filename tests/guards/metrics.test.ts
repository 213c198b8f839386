// Each check of the metrics taken out: who reaches them, and how many series there can be.
import { withoutChecks } from '../harness/source-guards.ts';
import { checks } from './checks/metrics.ts';

withoutChecks(checks);
