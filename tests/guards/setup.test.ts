// Each check of what `tmux-gate init` changes and takes back, taken out.
import { withoutChecks } from '../harness/source-guards.ts';
import { checks } from './checks/setup.ts';

withoutChecks(checks);
