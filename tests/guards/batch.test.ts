// Each rule about requests for several hosts is taken out of the source once, and its test has to notice.
import { withoutChecks } from '../harness/source-guards.ts';
import { checks } from './checks/batch.ts';

withoutChecks(checks);
