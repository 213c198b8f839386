// Each rule about listings of the whole fleet is taken out of the source once, and its test has to notice.
import { withoutChecks } from '../harness/source-guards.ts';
import { checks } from './checks/fleet.ts';

withoutChecks(checks);
