// A witness outside the fleet over real HTTP (src/adapters/witness/url.ts, src/keeper/witness/own-log.ts). The witness is written here by
// C2SP tlog-witness, and takes nothing from the product.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { createHash, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { noteChecks } from '../../src/adapters/journal/checkpoints.ts';
import { addCheckpoint } from '../../src/adapters/witness/url.ts';
import type { Store } from '../../src/adapters/redis/store.ts';
import type { NoteKey } from '../../src/core/tlog/note.ts';
import { readNote, type Note } from '../../src/core/tlog/note.ts';
import { witnessesOf } from '../../src/core/tlog/witness.ts';
import { minute } from '../../src/core/time.ts';
import { continues } from './outside-consistency.ts';
import { record, records, WitnessHost } from './witness-hosts.ts';

type Respond = (response: ServerResponse, body: string) => void;

/** A witness by the specification, for logs that it does not check the key of: that is tested elsewhere. */
class TestWitness {
  readonly name = 'witness.example/w1';
  readonly #keys = generateKeyPairSync('ed25519');
  readonly bodies: string[] = [];
  size = 0;
  root = '';
  /** In the place of the specification. */
  instead: Respond | undefined;
  server!: Server;

  async open(): Promise<void> {
    this.server = createServer((request, response) => void this.#take(request, response)).listen(0, '127.0.0.1');
    await once(this.server, 'listening');
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/below`;
  }

  get key(): NoteKey {
    return { name: this.name, kind: 'cosignature', publicKey: rawOf(this.#keys.publicKey) };
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece as Buffer);
    const body = Buffer.concat(pieces).toString('utf8');
    this.bodies.push(`${request.method} ${request.url}\n${body}`);
    if (this.instead === undefined) this.#judge(body, response);
    else this.instead(response, body);
  }

  #judge(body: string, response: ServerResponse): void {
    const [proofPart = '', text = ''] = body.split('\n\n', 2);
    const [oldLine = '', ...proof] = proofPart.split('\n');
    const [, count = '', root = ''] = text.split('\n');
    const [old, size] = [Number(oldLine.slice('old '.length)), Number(count)];
    if (old !== this.size) {
      response.writeHead(409, { 'content-type': 'text/x.tlog.size' }).end(`${this.size}\n`);
      return;
    }
    const [earlier, later] = [
      { size: this.size, root: bytesOf(this.root) },
      { size, root: bytesOf(root) },
    ];
    if (old > 0 && !continues(earlier, later, proof.map(bytesOf))) {
      response.writeHead(422).end();
      return;
    }
    Object.assign(this, { size, root });
    response.writeHead(200).end(this.cosign(`${text}\n`));
  }

  /** C2SP tlog-cosignature, by hand. */
  cosign(text: string, by: KeyObject = this.#keys.privateKey): string {
    const time = Buffer.alloc(8);
    time.writeBigUInt64BE(1_790_000_000n);
    const signature = sign(null, Buffer.from(`cosignature/v1\ntime 1790000000\n${text}`), by);
    const id = createHash('sha256')
      .update(`${this.name}\n\u0004`)
      .update(Buffer.from(rawOf(this.#keys.publicKey), 'latin1'));
    return `\u2014 ${this.name} ${Buffer.concat([id.digest().subarray(0, 4), time, signature]).toString('base64')}\n`;
  }
}

const rawOf = (key: KeyObject): string =>
  Buffer.from(key.export({ format: 'jwk' }).x ?? '', 'base64url').toString('latin1');
const bytesOf = (base64: string): Buffer => Buffer.from(base64, 'base64');
/** No store is needed where there are no peers. */
const noStore = {} as Store;

let root: string;
let clock: { ms: number };
let host: WitnessHost;
let witness: TestWitness;

beforeAll(async () => {
  witness = new TestWitness();
  await witness.open();
});
afterAll(() => void witness.server.close());

beforeEach(async () => {
  Object.assign(witness, { size: 0, root: '', instead: undefined });
  witness.bodies.length = 0;
  root = mkdtempSync(join(tmpdir(), 'witness-'));
  clock = { ms: 0 };
  host = new WitnessHost('box-a', root, noStore, clock);
  await host.make();
  await host.start([], [{ url: witness.url, key: witness.key }]);
});
afterEach(() => {
  witness.server.closeAllConnections();
  rmSync(root, { recursive: true, force: true });
});

const turn = async (count = 2): Promise<void> => {
  for (let n = 0; n < count; n += 1) await host.turn();
};
const state = () => host.own.witnesses()[0];

describe('a witness of the policy', () => {
  test('is asked by the specification, and its cosignature is kept', async () => {
    await host.write(records(5));
    await turn();
    await host.write(records(70));
    await turn();
    const [first = '', second = ''] = witness.bodies;
    expect(first).toMatch(
      /^POST \/below\/add-checkpoint\nold 0\n\ntmux-gate\/box-a\n5\n[^\n]+\n\n\u2014 tmux-gate\/box-a [^\n]+\n$/,
    );
    expect(second).toMatch(
      /^POST \/below\/add-checkpoint\nold 5\n(?:[A-Za-z0-9+/]{43}=\n){3,10}\ntmux-gate\/box-a\n70\n/,
    );
    expect(state()).toMatchObject({ size: 70, problem: undefined });
    expect(witnessesOf(noteChecks, readNote(await host.cosigned()) as Note, [witness.key])).toEqual([
      { name: witness.name, at: 1_790_000_000_000 },
    ]);
  });

  test('is shown by a proof that each log continues the one before, whatever their sizes', async () => {
    const sizes = [1, 2, 3, 4, 7, 8, 9, 32, 33, 63, 255, 256, 257, 300, 512, 700];
    for (const size of sizes) {
      await host.write(records(size));
      await turn();
      expect([witness.size, state()?.size, state()?.problem]).toEqual([size, size, undefined]);
    }
    expect(witness.bodies).toHaveLength(sizes.length);
  });

  test('signs no history that does not continue what it saw', async () => {
    await host.write(records(300));
    await turn();
    await host.write(records(301).with(123, record(124, 'rewritten')));
    await turn();
    expect([witness.size, state()?.size, state()?.problem]).toEqual([300, 300, 'HTTP status 422']);
  });

  test('says 409, and is asked again from the size that it states', async () => {
    await host.write(records(5));
    await turn();
    rmSync(host.layout.witnesses);
    await host.start([], [{ url: witness.url, key: witness.key }]);
    await host.write(records(9));
    await turn();
    expect(witness.bodies.map((body) => /old \d+/.exec(body)?.[0])).toEqual(['old 0', 'old 0', 'old 5']);
    expect(state()).toMatchObject({ size: 9, problem: undefined });
  });

  test('has cosigned more than is here: the host alarms, and asks all the same', async () => {
    await host.write(records(9));
    await turn();
    await host.write(records(8));
    await turn();
    expect(host.events()).toMatchObject([{ event: 'witness-contradicts', cosigned: 9, records: 8 }]);
    expect(host.alarms).toHaveLength(1);
    expect([witness.size, state()?.contradicts]).toEqual([9, true]);
  });

  const other = generateKeyPairSync('ed25519').privateKey;
  test.each<[string, Respond, string | RegExp]>([
    [
      'signs with another key',
      (response, body) => response.end(witness.cosign(`${body.split('\n\n')[1]}\n`, other)),
      /not by the key/,
    ],
    [
      'signs another checkpoint',
      (response) => response.end(witness.cosign('tmux-gate/box-a\n9\n=\n')),
      /not by the key/,
    ],
    ['sends no signature', (response) => response.end('thank you\n'), /not by the key/],
    [
      'says another size each time',
      (response) => response.writeHead(409).end(`${witness.bodies.length}\n`),
      /409|no answer/,
    ],
    ['says 409 without a size', (response) => response.writeHead(409).end('soon\n'), 'HTTP status 409'],
    ['says 422', (response) => response.writeHead(422).end(), 'HTTP status 422'],
    ['says 403', (response) => response.writeHead(403).end(), 'HTTP status 403'],
    ['sends us elsewhere', (response) => response.writeHead(307, { location: witness.url }).end(), 'HTTP status 307'],
    ['answers without end', (response) => response.end('x'.repeat(100_000)), /more than 16384 bytes/],
    ['hangs up', (response) => void response.destroy(), 'it cannot be reached (UND_ERR_SOCKET)'],
  ])('%s: nothing is taken for a cosignature, and the problem is said', async (_, instead, problem) => {
    await host.write(records(5));
    witness.instead = instead;
    await turn();
    await expect(host.cosigned()).rejects.toThrow('ENOENT');
    expect(state()?.at).toBe(0);
    expect(state()?.problem).toEqual(typeof problem === 'string' ? problem : expect.stringMatching(problem));
    clock.ms += 11 * minute;
    await turn();
    expect(host.events('witness-away')).toHaveLength(1);
    witness.instead = undefined;
    await host.write(records(6));
    await turn(3);
    expect(host.events('witness-back')).toHaveLength(1);
  });

  test('that is slow has a limit, and holds nobody up', async () => {
    witness.instead = () => undefined;
    await expect(addCheckpoint(witness.url, 'old 0\n\n', 50)).rejects.toThrow('no answer in time');
    witness.instead = (response) => void response.writeHead(200).write('x');
    await expect(addCheckpoint(witness.url, 'old 0\n\n', 50)).rejects.toThrow('no answer in time');
  });

  test('that is down is named so', async () => {
    const gone = new TestWitness();
    await gone.open();
    const { url } = gone;
    gone.server.close();
    await once(gone.server, 'close');
    await expect(addCheckpoint(url, 'old 0\n\n', 5_000)).rejects.toThrow('it cannot be reached (ECONNREFUSED)');
  });
});
