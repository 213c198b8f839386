// What tests/contract/fork-server.test.ts asks: says what it was asked, hangs, ends, or asks another of its kind.
import { openForkServer, serveForks } from '../../src/adapters/fork-server.ts';

const inner = openForkServer(import.meta.filename, 60_000);

serveForks(async ([what = '', ...more]) => {
  if (what === 'hang') await new Promise<never>(() => undefined);
  if (what === 'end') process.kill(process.pid, 'SIGKILL');
  if (what === 'inner') return inner.ask(['pid']);
  return what === 'pid' ? process.pid : more;
});
