// The program drift.js: looks at sshd and sudo for the keeper, as a process of its own (adapters/fork-server.ts).
//
// 1. It ends when nobody has asked for a while: `status` is asked now and then, and an idle Node takes 40 MB.
import { serveForks } from '../adapters/fork-server.ts';
import { minute } from '../core/time.ts';
import { lookAtDrift } from './drift.ts';

const idleMs = 2 * minute;
const idle = setTimeout(() => process.exit(), idleMs);

serveForks(async ([gate = '', sshdConfig = '']) => {
  idle.refresh();
  return lookAtDrift(gate, sshdConfig);
});
