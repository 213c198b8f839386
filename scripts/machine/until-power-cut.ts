// Plays, on the booted host of story.ts, an attach up to the instant at which the power is cut: what is recorded is in part journaled, in part
// only in memory. Then prints one line of JSON (BeforeCut) and does nothing more. Exit code 1 at the first failure.
import { attach, expectDone, newKey, play, tell, writePolicy } from './on-host.ts';

/** What there was before the power was cut. */
export interface BeforeCut {
  readonly connection: string;
  /** Records of the journal, and ranges of the recording in it. */
  readonly records: number;
  readonly ranges: number;
}

const mostSteps = 20;
const journal = '/var/lib/tmux-gate/journal/journal.jsonl';

async function untilCut(issuer: string): Promise<void> {
  for (const name of ['alice', 'bob']) await newKey(name);
  writePolicy(issuer);
  await expectDone(['systemctl', 'restart', 'tmux-gate']);
  await shell('until tmux-gate status >/dev/null 2>&1; do sleep 0.2; done');
  // The provider is another one than before, so its people are, too.
  for (const name of ['alice', 'bob']) await expectDone(['tmux-gate', 'unpin', name]);
  const { terminal } = await attach();
  const [live] = JSON.parse(await expectDone(['tmux-gate', 'connections', '--json'])) as readonly { id: string }[];
  const connection = live?.id ?? '';
  const range = `'"event":"recording-range","connection":"${connection}"'`;
  const rangesNow = async (): Promise<number> => Number(await shell(`grep -c ${range} ${journal} || :`));
  /** Prints until there are so many, in steps, since an endless program could fill the disk. */
  const printUntil = async (ranges: number): Promise<void> => {
    for (let step = 1; (await rangesNow()) < ranges; step++) {
      if (step > mostSteps) throw new Error('the keeper journals no ranges');
      terminal.type(`yes "$(printf %0999d 7)" | head -c 10000000; echo "$((6*7))-step-${step}"\r`);
      await terminal.until(`42-step-${step}`, { timeoutMs: 60_000 });
      await shell('sleep 1.5'); // the keeper looks each second
    }
  };
  const printed = async (word: string): Promise<void> => {
    terminal.type(`echo "$((6*7))-${word}"\r`);
    await terminal.until(`42-${word}`, { timeoutMs: 30_000 });
    await shell(`until grep -q 42-${word} ${recording(connection)}; do sleep 0.1; done`);
  };
  await printUntil(1);
  await printed('on-disk');
  await shell('sync');
  // From here on only what the keeper syncs is on disk: the ranges before it journals them, and the journal.
  await printUntil((await rangesNow()) + 2);
  await printed('in-memory');
  const ranges = await rangesNow();
  const records = Number(await shell(`wc -l <${journal}`));
  await shell('sleep 1'); // a record that can be read may not be synced yet
  await printed('in-memory-too');
  tell(JSON.stringify({ connection, records, ranges } satisfies BeforeCut));
  await new Promise<never>(() => setInterval(() => undefined, 60_000));
}

const shell = async (text: string): Promise<string> => expectDone(['sh', '-c', text]);
const recording = (connection: string): string => `/var/lib/tmux-gate/recordings/*/${connection}.cast`;

process.exit(await play(untilCut));
