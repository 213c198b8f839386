// Checks of recordings after their end: who can open them, how long they are kept, and what could not be sealed.
import { existsSync } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { listRecordings } from '../adapters/recordings/list.ts';
import type { Config } from '../core/policy-types.ts';
import { keepOf } from '../core/recording/keep.ts';
import { day, spellDuration } from '../core/time.ts';
import type { Layout } from '../wire/layout.ts';
import { ok, orOk, unknown, warn, fail, type Check, type Finding } from './check.ts';
import { NotInspectable } from './not-inspectable.ts';
import { isMissing } from '../adapters/missing.ts';

const recipients: Check = {
  id: 'recordings-recipients',
  about: 'recordings that are encrypted have more than one recipient: without an identity they are lost',
  look: async (scene) => [recipientsFinding((await scene.config()).recordings.encryptTo)],
};

export function recipientsFinding(encryptTo: readonly string[]): Finding {
  if (encryptTo.length === 0) return ok('recordings are compressed; root on this host can read them');
  const tried = 'and try it: tmux-gate replay ID --identity FILE';
  if (encryptTo.length > 1) return ok(`recordings are encrypted to ${encryptTo.length} recipients`);
  return warn(
    'recordings are encrypted to one recipient: who loses its identity loses them all',
    `add a second one to recordings.encrypt_to, whose identity is kept elsewhere, ${tried}`,
  );
}

const secretKey = /^\s*AGE-SECRET-KEY-/im;
const largest = 64 * 1024;

const identity: Check = {
  id: 'recordings-identity',
  about: 'no identity of age lies beside the policy or the keys: it would open the recordings of this host',
  look: async ({ layout }) => {
    const found = (await Promise.all([dirname(layout.config), layout.keys].map(identitiesIn))).flat();
    const wrong = found.map((path) =>
      fail(`${path} is a secret key of age`, 'move it off this host; whoever holds it can open the recordings'),
    );
    return orOk(wrong, 'no secret key of age beside the policy or the keys');
  },
};

async function identitiesIn(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder).catch(unlessAbsent<readonly string[]>([]));
  const found: string[] = [];
  for (const name of names) {
    const path = join(folder, name);
    const about = await stat(path);
    if (about.isFile() && about.size <= largest && secretKey.test(await readFile(path, 'latin1'))) found.push(path);
  }
  return found;
}

const threeMonths = 90 * day;

const keep: Check = {
  id: 'recordings-keep',
  about: 'recordings are kept for 90 days at least, which is what PCI DSS 10.5.1 wants at hand',
  look: async (scene) => keepFindings(await scene.config()),
};

export function keepFindings({ recordings, sessions }: Pick<Config, 'recordings' | 'sessions'>): readonly Finding[] {
  const short = Object.values(sessions).flatMap(({ name, keep: own }) => {
    const kept = keepOf(recordings.keep, own);
    if (kept === 'forever' || kept >= threeMonths) return [];
    const remedy = 'PCI DSS asks for 12 months, three of them at hand; raise keep, unless your own rules say less';
    return [warn(`recordings are kept ${spellDuration(kept)}`, remedy, name)];
  });
  return orOk(short, 'no recording is purged before 90 days');
}

const unsealed: Check = {
  id: 'recordings-sealed',
  about: 'every recording that is over was compressed: one that is not differs from the journal, or could not be',
  look: async ({ layout, root }) => {
    if (!root) throw new NotInspectable('only root can read the recordings');
    if (!existsSync(layout.recordings)) return [unknown('there are no recordings yet', 'start the keeper once')];
    const found = await plainAndOver(layout);
    const named = found.slice(0, 3).join(', ');
    const remedy = 'tmux-gate audit show (recording-changed); when it is clear: tmux-gate purge ID --reason ...';
    return found.length === 0
      ? [ok('every recording that is over is sealed')]
      : [warn(`${found.length} are not sealed: ${named}${found.length > 3 ? ', ...' : ''}`, remedy)];
  },
};

/** Those that nobody writes and that the keeper is done with. */
async function plainAndOver({ recordings, connections, unsealed: waiting }: Layout): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const { id, base, kind, bytes } of listRecordings(recordings)) {
    const isHis = [connections, waiting].some((folder) => existsSync(join(folder, `${basename(base)}.json`)));
    if (kind === 'plain' && bytes > 0 && !isHis) found.push(id);
  }
  return found;
}

function unlessAbsent<T>(otherwise: T): (error: unknown) => T {
  return (error) => {
    if (isMissing(error)) return otherwise;
    throw error;
  };
}

export const recordingChecks: readonly Check[] = [recipients, identity, keep, unsealed];
