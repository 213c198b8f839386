// Each check of a backup that is encrypted, taken out.
import { withoutChecks } from '../harness/source-guards.ts';
import { checks } from './checks/backup.ts';

withoutChecks(checks);
