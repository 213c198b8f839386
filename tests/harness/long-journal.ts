// Writes a journal of two years with the product's own code, before a keeper starts: every record is chained, every head signed. And removes
// the records of a host whose keeper is stopped, as the keeper does when they are old (src/keeper/history/journal-keep.ts).
import { chmodSync, mkdirSync } from 'node:fs';
import type { Layout } from '../../scripts/sandbox/layout.ts';
import { logKeyOf } from '../../src/adapters/journal/checkpoints.ts';
import { headReader } from '../../src/adapters/journal/heads.ts';
import { openJournal, type UncheckedJournal } from '../../src/adapters/journal/journal.ts';
import { removeSegments, trimmable } from '../../src/adapters/journal/trim.ts';
import { openKeys } from '../../src/adapters/keys.ts';
import { sha256 } from '../../src/adapters/sha256.ts';
import * as stateFiles from '../../src/adapters/state-file.ts';
import { layoutAt, type Layout as WireLayout } from '../../src/wire/layout.ts';

const day = 86_400_000;
const hour = 3_600_000;

export interface Years {
  readonly requests: number;
  readonly login: string;
  readonly session?: string;
}

/** Writes requests of one login, spread over nearly two years, each with its review, grant, connection and end. */
export async function writeYears({ root }: Layout, { requests, login, session = 'prod-db' }: Years): Promise<void> {
  const layout = layoutAt(root);
  mkdirSync(layout.state, { recursive: true });
  chmodSync(layout.state, 0o711);
  const clock = { at: Date.now() - 700 * day };
  const { journal } = await openAsHost(layout, () => clock.at);
  const step = (650 * day) / requests;
  for (let n = 0; n < requests; n += 40) {
    const some = Array.from({ length: Math.min(40, requests - n) }, (_, i) => n + i);
    await Promise.all(some.flatMap((one) => ((clock.at += step), life(one, login, session, clock.at))).map(write));
  }
  await journal.close();

  async function write([event, fields]: Written): Promise<void> {
    await journal.write(event, fields);
  }
}

const host = 'prod-box';

async function openAsHost(layout: WireLayout, now: () => number, rotateBytes?: number) {
  const keys = await openKeys({ folder: layout.keys, host, peers: {} });
  const journal: UncheckedJournal = await openJournal({
    folder: layout.journal,
    host,
    anchor: { files: stateFiles, path: layout.journalAnchor, acceptedPath: layout.journalAccepted },
    seal: (text) => keys.seal(text),
    signer: keys,
    readHead: headReader(keys, host),
    now,
    sha256,
    rotateBytes,
  });
  return { journal, keys };
}

/** Removes all records that there are, and writes that down. @returns the number of the last that went */
export async function removeRecords({ root }: Layout): Promise<number> {
  const layout = layoutAt(root);
  const { journal, keys } = await openAsHost(layout, Date.now, 1);
  // A record is told before its file is closed; the next one waits for that.
  for (let n = 0; n < 2; n += 1) await journal.write('keeper-stopped', {});
  const key = logKeyOf(host, keys.publicKey() ?? '');
  const found = await trimmable({ folder: layout.journal, key, before: Date.now() + day, needed: Infinity });
  if (found === undefined) throw new Error('there is nothing to remove');
  const { first, last, root: upTo, until } = found;
  await journal.write('journal-trimmed', { first, last, root: upTo, until, keepMs: day });
  await removeSegments(layout.journal, found);
  await journal.close();
  return last;
}

type Written = readonly [event: string, fields: Readonly<Record<string, unknown>>];

function life(n: number, login: string, session: string, at: number): readonly Written[] {
  const [request, grant, connection] = ['R', 'G', 'C'].map((kind) => `${kind}${String(n).padStart(5, '0')}`);
  const person = (name: string): object => ({
    ...{ issuer: 'https://id.example.com', subject: `sub-${name}`, login: name, claim: `${name}@example.com` },
  });
  const who = person(login);
  const of = { request, session, who, reason: `INC-${n} the same as yesterday` };
  return [
    ['requested', { ...of, durationMs: hour, address: '192.0.2.7', requestedAt: at }],
    ['reviewed', { request, verdict: 'approve', by: person('oncall'), reason: 'go' }],
    ['granted', { ...of, grant, start: at, end: at + hour, approvers: [person('oncall')] }],
    ['connected', { connection, grant, request, session, login }],
    ['disconnected', { connection, grant, session, login, why: 'expired' }],
    ['grant-ended', { grant, request, session, login, why: 'expired' }],
  ];
}
