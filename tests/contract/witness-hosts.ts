// Hosts of a fleet that witness one another's journals: real keys, real files, a real Redis. Clock and turns are the test's.
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hashOf, signCheckpoint } from '../../src/adapters/journal/checkpoints.ts';
import { JournalTiles } from '../../src/adapters/journal/tiles.ts';
import { openKeys, type Keys } from '../../src/adapters/keys.ts';
import type { Log } from '../../src/adapters/log.ts';
import type { Store } from '../../src/adapters/redis/store.ts';
import * as files from '../../src/adapters/state-file.ts';
import { addCheckpoint } from '../../src/adapters/witness/url.ts';
import { readWitnesses } from '../../src/adapters/witness/cosigned.ts';
import { WitnessedLogs } from '../../src/adapters/witness/witnessed.ts';
import type { WitnessPolicy } from '../../src/core/policy-types.ts';
import { second } from '../../src/core/time.ts';
import { OwnLog, peerPlace } from '../../src/keeper/witness/own-log.ts';
import { PeerLogs } from '../../src/keeper/witness/peer-logs.ts';
import { journaled } from './recording-records.ts';

export type Line = Readonly<Record<string, unknown>>;

/** The number of the first record of a recording. */
const recordedAt = 351;
const ofRecording = journaled('AAAA000001');

/** The text of a record; `of` tells two histories apart. */
export const record = (n: number, of = 'true'): string =>
  JSON.stringify({ n, of, ...(of === 'true' ? ofRecording[n - recordedAt] : {}) });
export const records = (count: number, of?: string): string[] =>
  Array.from({ length: count }, (_, at) => record(at + 1, of));

/** As many records, of which none tells that there was a recording. */
export const withoutRecording = (count: number): string[] =>
  records(count + ofRecording.length).toSpliced(recordedAt - 1, ofRecording.length);

const began = Date.parse('2026-11-30T08:00:00Z');
const unsaid: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** One host: its journal on disk, and the services that the keeper would have. */
export class WitnessHost {
  readonly name: string;
  readonly root: string;
  readonly store: Store;
  readonly clock: { ms: number };
  readonly lines: Line[] = [];
  readonly alarms: string[] = [];
  readonly cleared: string[] = [];
  /** Requests over HTTP that are under way. */
  readonly posts: Promise<unknown>[] = [];
  keys!: Keys;
  own!: OwnLog;
  others!: PeerLogs;
  journalIsDown = false;

  constructor(name: string, root: string, store: Store, clock: { ms: number }) {
    this.name = name;
    this.root = join(root, name);
    this.store = store;
    this.clock = clock;
  }

  get layout() {
    return {
      ...{ journal: `${this.root}/journal`, witnesses: `${this.root}/witnesses.json` },
      witnessed: `${this.root}/witnessed`,
    };
  }

  get publicKeyFile(): string {
    return `${this.root}/keys/host.pub.jwk`;
  }

  /** Makes the key, so that others can be told of it. */
  async make(): Promise<void> {
    await mkdir(this.layout.journal, { recursive: true, mode: 0o700 });
    this.keys = await openKeys({ folder: `${this.root}/keys`, host: this.name, peers: {} });
  }

  /** Starts the services, as a keeper that starts does. */
  async start(peers: readonly WitnessHost[], witnesses: readonly WitnessPolicy[] = []): Promise<void> {
    const paths = Object.fromEntries(peers.map(({ name, publicKeyFile }) => [name, publicKeyFile]));
    const keys = await openKeys({ folder: `${this.root}/keys`, host: this.name, peers: paths });
    this.keys = keys;
    const write = async (event: string, fields: object): Promise<void> => {
      if (this.journalIsDown) return Promise.reject(new Error('full'));
      this.lines.push({ event, ...fields });
      return Promise.resolve();
    };
    const deps = {
      ...{ host: this.name, layout: this.layout, files, keys, store: this.store, log: unsaid },
      journal: { write, changed: undefined } as never,
      alarms: {
        raise: (why: string) => void this.alarms.push(why),
        clear: (what: string) => void this.cleared.push(what),
        raiseFor: () => undefined,
      },
      config: { peers: paths },
      ...{ now: () => began + this.clock.ms, monotonicNow: () => this.clock.ms },
    };
    const post: typeof addCheckpoint = async (...given) => {
      const answer = addCheckpoint(...given);
      this.posts.push(answer);
      return answer;
    };
    const places = [
      ...Object.keys(paths).map((peer) => peerPlace(peer, keys.publicKey(peer))),
      ...witnesses.map(({ key, url }) => [key, { url }] as const),
    ].filter((place) => place !== undefined);
    this.own = new OwnLog({ ...deps, addCheckpoint: post }, places, await readWitnesses(files, this.layout.witnesses));
    this.others = new PeerLogs({ ...deps, witnessed: new WitnessedLogs(files, this.layout.witnessed) });
    await this.others.load();
  }

  /** Puts a journal of these lines there, with a checkpoint of the host's own key: what the keeper does, and what root can do. */
  async write(lines: readonly string[]): Promise<void> {
    const folder = this.layout.journal;
    await rm(join(folder, 'tile'), { recursive: true, force: true });
    await writeFile(join(folder, 'journal.jsonl'), lines.map((line) => `${line}\n`).join(''));
    const from = async function* (at: number): AsyncGenerator<string> {
      yield* await Promise.resolve(lines.slice(at));
    };
    const tiles = await JournalTiles.open({ folder, sha256: hashOf, lines: from }, lines.length);
    const note = signCheckpoint(this.keys, this.name, { size: lines.length, root: tiles.root() });
    await writeFile(join(folder, 'checkpoint'), note);
  }

  /** One turn of the keeper, and what it sent is answered. */
  async turn(): Promise<void> {
    this.clock.ms += 3 * second;
    await this.others.turn().catch(() => undefined);
    await this.own.turn();
    for (let sent = this.posts.splice(0); sent.length > 0; sent = this.posts.splice(0)) {
      await Promise.allSettled(sent);
      await new Promise((resolve) => void setImmediate(resolve));
    }
  }

  cosigned(): Promise<string> {
    return readFile(join(this.layout.journal, 'checkpoint.cosigned'), 'utf8');
  }

  events(...names: string[]): readonly Line[] {
    return this.lines.filter(({ event }) => names.length === 0 || names.includes(String(event)));
  }
}

/** A round takes some turns of everybody. */
export async function turns(hosts: readonly WitnessHost[], count = 4): Promise<void> {
  for (let n = 0; n < count; n += 1) for (const host of hosts) await host.turn();
}

/** Two hosts that know each other. */
export async function openPair(
  root: string,
  store: Store,
  clock: { ms: number },
): Promise<[a: WitnessHost, b: WitnessHost]> {
  const [a, b] = [new WitnessHost('box-a', root, store, clock), new WitnessHost('box-b', root, store, clock)];
  await a.make();
  await b.make();
  await a.start([b]);
  await b.start([a]);
  return [a, b];
}

/** A third host, which knows these. */
export async function openThird(
  root: string,
  store: Store,
  clock: { ms: number },
  known: readonly WitnessHost[],
): Promise<WitnessHost> {
  const third = new WitnessHost('box-c', root, store, clock);
  await third.make();
  await third.start(known);
  return third;
}
