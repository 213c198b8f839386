// Each check of the journal as a log, by a peer and by a third machine, and of recordings, taken out.
import { withoutChecks } from '../harness/source-guards.ts';
import { checks } from './checks/log.ts';

withoutChecks(checks);
