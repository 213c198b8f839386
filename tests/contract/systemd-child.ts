// Stands in for the keeper in systemd.test.ts: tells systemd what a keeper does, and logs a line.
import { openLog } from '../../src/adapters/log.ts';
import { logStream, openSupervisor } from '../../src/adapters/systemd.ts';

const log = openLog('info', logStream(process.env, process.stderr));
const supervisor = openSupervisor(process.env, () => 42n);
supervisor.starting('journal');
log.warn('loop-turn-long', { ms: 31, login: 'al\nice' });
supervisor.ready(() => 'ready, 2 attached');
const stay = setInterval(() => undefined, 60_000);
process.on('SIGUSR2', () => {
  // A loop that is stuck, until this process is killed.
  for (;;);
});
process.on('SIGHUP', () => supervisor.reloading());
process.on('SIGTERM', () => {
  supervisor.stopping();
  clearInterval(stay);
});
