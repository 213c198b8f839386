// Each rule about a Redis that fails over is taken out of the source once, and its test has to notice.
import { withoutChecks } from '../harness/source-guards.ts';
import { checks } from './checks/failover.ts';

withoutChecks(checks);
