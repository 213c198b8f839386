// Plays an attach up to the instant at which the power is cut: what is recorded is in part journaled, in part only in memory.
import { answers, type Act } from './act.ts';
import type { BootedHost } from './booted-host.ts';
import { echo } from './people.ts';

/** What there was before the power was cut. */
export interface BeforeCut {
  readonly request: string;
  readonly connection: string;
  /** Records of the journal, and ranges of the recording in it. */
  readonly records: number;
  readonly ranges: number;
}

const mostSteps = 20;
const journal = '/var/lib/tmux-gate/journal/journal.jsonl';

/** @returns what there is at an instant at which the power may be cut. @throws Error when it does not come to that */
export async function untilPowerCut({ host, people }: Act): Promise<BeforeCut> {
  await host.until(answers);
  const { terminal, request } = await people.attach('5m', true);
  const [live] = JSON.parse(await host.sh('tmux-gate connections --json')) as readonly { id: string }[];
  const connection = live?.id ?? '';
  const rangesNow = async (): Promise<number> => rangesOf(host, connection);
  /** Prints until there are so many, in steps, since an endless program could fill the disk. */
  const printUntil = async (ranges: number): Promise<void> => {
    for (let step = 1; (await rangesNow()) < ranges; step++) {
      if (step > mostSteps) throw new Error('the keeper journals no ranges');
      terminal.type(`yes "$(printf %0999d 7)" | head -c 10000000; echo "$((6*7))-step-${step}"\r`);
      await terminal.until(`42-step-${step}`, { timeoutMs: 60_000 });
      await host.sh('sleep 1.5'); // the keeper looks each second
    }
  };
  const printed = async (word: string): Promise<void> => {
    await echo(terminal, word);
    await host.until(`grep -q 42-${word} /var/lib/tmux-gate/recordings/*/${connection}.cast`);
  };
  await printUntil(1);
  await printed('on-disk');
  await host.sh('sync');
  // From here on only what the keeper syncs is on disk: the ranges before it journals them, and the journal.
  await printUntil((await rangesNow()) + 2);
  await printed('in-memory');
  const ranges = await rangesNow();
  const records = Number(await host.sh(`wc -l <${journal}`));
  await host.sh('sleep 1'); // a record that can be read may not be synced yet
  await printed('in-memory-too');
  return { request, connection, records, ranges };
}

const rangesOf = async (host: BootedHost, connection: string): Promise<number> =>
  Number(await host.sh(`grep -c '"event":"recording-range","connection":"${connection}"' ${journal} || :`));
