// The porter: one daemon a host, root. Loads the policy, opens the house, ends what outlived its grant, then opens the door.
import { openLog } from '../adapters/log.ts';
import { loadConfig, loudOptions } from '../config/load.ts';
import { layoutOf } from '../wire/layout.ts';
import { reservedNames } from '../wire/verbs.ts';
import { assertTombstones, watchBoard } from './board-watch.ts';
import { openHouse, type House } from './house.ts';
import { renewLinks } from './links/links.ts';
import { listen } from './listen.ts';
import { reconcile } from './reconcile.ts';
import { remind } from './reminders.ts';

const exitConfig = 78; // EX_CONFIG, sysexits.h
const exitInternal = 70;
const boardPatienceMs = 5_000;

async function main(): Promise<void> {
  process.umask(0o077);
  const log = openLog('info');
  const stop = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stop.abort());
  const layout = layoutOf(import.meta.dirname);
  const config = await loadConfig(layout.config, { reservedNames });
  for (const option of loudOptions(config)) log.warn('insecure-option', { option });
  const opened: { house?: House } = {};
  const house = await openHouse(layout, config, log, () => {
    if (opened.house !== undefined)
      void assertTombstones(opened.house).catch((error: unknown) => log.warn('tombstones', { error }));
  });
  opened.house = house;
  await house.board.connected(AbortSignal.timeout(boardPatienceMs)).catch(() => log.warn('redis-does-not-answer', {}));
  await house.journal.write('keeper-started', { pid: process.pid });
  await reconcile(house);
  watchBoard(house, stop.signal);
  remind(house, stop.signal);
  await renewLinks(house).catch((error: unknown) => log.warn('links-not-renewed', { error }));
  await listen(house, stop.signal);
  log.info('ready', { host: house.host });
  await new Promise<void>((resolve) => stop.signal.addEventListener('abort', () => resolve()));
  await house.close();
}

try {
  await main();
  process.exit(0);
} catch (error) {
  const config = error instanceof Error && error.name === 'ConfigError';
  const message = error instanceof Error ? error.message : 'cannot start';
  process.stderr.write(config ? `${message}\n` : `tmux-gate keeper: ${message}\n`);
  process.exit(config ? exitConfig : exitInternal);
}
