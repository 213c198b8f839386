// A journal of half a year, written by the writer of the product under a clock of its own: what evidence of a period is made of.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkpointName, hashOf, logKeyOf, signCheckpoint } from '../../src/adapters/journal/checkpoints.ts';
import { headReader } from '../../src/adapters/journal/heads.ts';
import { openJournal, type UncheckedJournal } from '../../src/adapters/journal/journal.ts';
import { openKeys, type Keys } from '../../src/adapters/keys.ts';
import { sha256 } from '../../src/adapters/sha256.ts';
import { emptyFrontier, leafHash, rootOf, withLeaf } from '../../src/core/tlog/merkle.ts';
import type { ViewOptions } from '../../src/evidence/open-view.ts';
import { castOf, EvidenceLog, type Sample } from './evidence-log.ts';

interface Told {
  readonly at: number;
  readonly event: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Records of an access, as EvidenceLog makes them, to be written by somebody else. */
class Teller extends EvidenceLog {
  readonly told: Told[] = [];
  #at = 0;

  override at(instant: number): this {
    this.#at = instant;
    return this;
  }

  override add(event: string, fields: object): this {
    this.told.push({ at: this.#at, event, fields: fields as Told['fields'] });
    return this;
  }
}

const host = 'prod-box';
export const day = (text: string): number => Date.parse(`${text}T10:00:00Z`);

/** A journal that grows: each part is written by a keeper that starts and stops. */
export class PeriodJournal {
  readonly folder: string;
  readonly recordings: string;
  readonly #keys: Keys;
  readonly #clock = { at: 0 };
  readonly #log: Teller;

  private constructor(folder: string, keys: Keys) {
    this.folder = join(folder, 'journal');
    this.#keys = keys;
    this.#log = new Teller(join(folder, 'beside'), host);
    this.recordings = this.#log.recordings;
  }

  static async make(folder: string): Promise<PeriodJournal> {
    mkdirSync(folder);
    return new PeriodJournal(folder, await openKeys({ folder: join(folder, 'keys'), host, peers: {} }));
  }

  get options(): ViewOptions {
    return { folder: this.folder, host, key: logKeyOf(host, this.#keys.publicKey() ?? ''), witnesses: [] };
  }

  /** A part of the journal. @param from when its keeper starts @param until when it stops */
  async part(from: string, until: string, tell: (log: EvidenceLog) => void): Promise<void> {
    this.#clock.at = day(from);
    const journal: UncheckedJournal = await openJournal({
      ...{ folder: this.folder, host, anchor: undefined, now: () => this.#clock.at, sha256 },
      ...{ signer: this.#keys, readHead: headReader(this.#keys, host), seal: (text: string) => this.#keys.seal(text) },
    });
    tell(this.#log.at(day(from)).policy());
    for (const { at, event, fields } of this.#log.told.splice(0)) {
      this.#clock.at = at;
      await journal.write(event, fields);
    }
    this.#clock.at = day(until);
    await journal.close();
  }

  /** As an earlier version would have left it: signed, and no head with totals. */
  forgetTotals(): void {
    const path = join(this.folder, 'journal.jsonl');
    const lines = readFileSync(path, 'latin1').replace(/,"totals":\{[^}]*\}/g, '');
    writeFileSync(path, lines, 'latin1');
    const all = lines.split('\n').slice(0, -1);
    const tree = all.reduce((grown, line) => withLeaf(hashOf, grown, leafHash(hashOf, line)), emptyFrontier);
    const head = { size: tree.size, root: rootOf(hashOf, tree) };
    writeFileSync(join(this.folder, checkpointName), signCheckpoint(this.#keys, host, head));
  }
}

const access = (request: string, on: string, more: Partial<Sample> = {}): Sample => ({
  ...{ request, start: day(on), recording: castOf(20) },
  ...more,
});

/** The third quarter of 2026 between parts of the second and the fourth. */
export async function halfAYear(folder: string): Promise<PeriodJournal> {
  const journal = await PeriodJournal.make(folder);
  await journal.part('2026-06-01', '2026-06-30', (log) => {
    log.access(access('JNE222', '2026-06-10')).others(5);
    log.access(access('JNE333', '2026-06-20', { login: 'carol' })).others(40);
  });
  await journal.part('2026-07-01', '2026-09-30', (log) => {
    for (let n = 10; n < 34; n += 1)
      log
        .access(
          access(`Q3A${String(n)}`, `2026-07-${String(n - 6).padStart(2, '0')}`, { login: n % 2 ? 'alice' : 'dan' }),
        )
        .others(n % 5);
    log.access(access('Q3BG22', '2026-08-02', { breakGlass: true, recording: castOf(9) })).others(3);
    log.at(day('2026-08-03')).add('break-glass-reviewed', {
      code: 'Q3BG22',
      login: 'alice',
      session: 'prod-db',
      grant: 'GQ3BG22',
      reason: 'it was needed',
      by: 'bob',
    });
    log.access(access('Q3BG33', '2026-08-04', { breakGlass: true }));
    log.access(access('Q3AUT2', '2026-08-05', { auto: 'tickets' }));
    const { recording, ...silent } = access('Q3NREC', '2026-08-06');
    log.access(silent).others(recording === undefined ? 0 : 2);
    log.at(day('2026-08-07')).add('witness-away', { witness: 'tmux-gate/peer', cosigned: 3, records: 9 });
    log.at(day('2026-08-08')).add('witness-back', { witness: 'tmux-gate/peer', cosigned: 9 });
    log.access(access('Q3CSV2', '2026-09-29', { reason: '=HYPERLINK("x"), "Zoë" ; -1' }));
  });
  await journal.part('2026-10-01', '2026-10-31', (log) => {
    log.access(access('QCT222', '2026-10-02')).others(3);
  });
  return journal;
}
