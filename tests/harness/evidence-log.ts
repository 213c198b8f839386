// A journal with accesses in it, signed by a key of its own, for tests of evidence: the same files as on a host, without a keeper.
import { createHash, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { appendFileSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { zstdCompressSync } from 'node:zlib';
import { JournalTiles } from '../../src/adapters/journal/tiles.ts';
import { encodeBase64 } from '../../src/core/tlog/base64.ts';
import { printCheckpoint } from '../../src/core/tlog/checkpoint.ts';
import { consistencyProof, inclusionProof, type Sha256 } from '../../src/core/tlog/merkle.ts';
import {
  cosignatureBytes,
  cosignedMessage,
  keyIdOf,
  printNote,
  type NoteKey,
  type SignatureLine,
} from '../../src/core/tlog/note.ts';
import type { LogView } from '../../src/evidence/log-view.ts';

const hex = (text: string | Buffer): string => createHash('sha256').update(text).digest('hex');
export const sha256: Sha256 = (bytes) => createHash('sha256').update(bytes, 'latin1').digest('latin1');

export interface Signer {
  readonly key: NoteKey;
  readonly secret: KeyObject;
}

export function signer(name: string, kind: NoteKey['kind'] = 'note'): Signer {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const x = publicKey.export({ format: 'jwk' }).x ?? '';
  return { key: { name, kind, publicKey: Buffer.from(x, 'base64url').toString('latin1') }, secret: privateKey };
}

export function vkeyOf({ key }: Signer): string {
  const id = Buffer.from(keyIdOf(sha256, key), 'latin1').toString('hex');
  return `${key.name}+${id}+${encodeBase64(`${key.kind === 'note' ? '\u0001' : '\u0004'}${key.publicKey}`)}`;
}

const signed = (secret: KeyObject, message: string): string =>
  sign(null, Buffer.from(message), secret).toString('latin1');

function lineOf({ key, secret }: Signer, text: string): SignatureLine {
  const [name, keyId, time] = [key.name, keyIdOf(sha256, key), 1_790_000_000];
  if (key.kind === 'note') return { name, keyId, signature: signed(secret, text) };
  return { name, keyId, signature: cosignatureBytes(time, signed(secret, cosignedMessage(text, time))) };
}

const person = (login: string): object => ({
  ...{ issuer: 'https://id.example.com', subject: login, login, claim: `${login}@example.com` },
});
const proof = { issuedAt: 1_780_000_000_000, authenticatedAt: 1_780_000_000_000, amr: ['pwd', 'otp'], acr: 'gold' };
export const policyText = 'host: prod-box\nsessions:\n  prod-db:\n    run_as: dba\n';

/** What an access of the test is like. */
export interface Sample {
  readonly request: string;
  readonly login?: string;
  readonly by?: string;
  /** Instant, ms. */
  readonly start: number;
  readonly recording?: string;
  /** The recording is closed, and nobody sealed it. */
  readonly isUnsealed?: boolean;
  readonly isOpen?: boolean;
  readonly breakGlass?: boolean;
  readonly auto?: string;
  readonly reason?: string;
}

/** The folder of a journal that grows by records. */
export class EvidenceLog {
  readonly folder: string;
  readonly recordings: string;
  readonly host: Signer;
  readonly witnesses: Signer[] = [];
  readonly #name: string;
  #n = 0;
  #prev = '0'.repeat(64);
  #waiting = '';
  #now = Date.parse('2026-07-01T00:00:00Z');

  constructor(folder: string, name = 'prod-box') {
    this.folder = folder;
    this.#name = name;
    this.recordings = join(folder, 'recordings');
    this.host = signer(`tmux-gate/${name}`);
    mkdirSync(this.recordings, { recursive: true });
    writeFileSync(join(folder, 'journal.jsonl'), '');
  }

  get size(): number {
    return this.#n;
  }

  at(instant: number): this {
    this.#now = instant;
    return this;
  }

  add(event: string, fields: object): this {
    const at = new Date(this.#now).toISOString();
    const record = { n: this.#n + 1, prev: this.#prev, at, host: this.#name, event, ...fields, seal: 'c2VhbA' };
    const line = JSON.stringify(record);
    this.#n += 1;
    this.#prev = hex(line);
    this.#waiting += `${line}\n`;
    if (this.#waiting.length > 1 << 20) this.flush();
    return this;
  }

  flush(): void {
    appendFileSync(join(this.folder, 'journal.jsonl'), this.#waiting);
    this.#waiting = '';
  }

  policy(): this {
    return this.add('policy', { sha256: hex(policyText), part: 1, parts: 1, text: policyText, why: 'start' });
  }

  /** Records of other people. */
  others(count: number): this {
    for (let at = 0; at < count; at += 1)
      this.add('refused', {
        login: 'mallory',
        address: '192.0.2.1 1 192.0.2.2 22',
        code: 'NO_SUCH_SESSION',
        command: 'ls',
      });
    return this;
  }

  /** A whole access: grant G + request, connection C + request. */
  access(sample: Sample): this {
    const { request, login = 'alice', by = 'bob', start, isOpen = false } = sample;
    const [grant, connection, session, who] = [`G${request}`, `C${request}`, 'prod-db', person(login)];
    const { reason = 'INC-1042 look at the slow queries' } = sample;
    const [digest, end] = [hex(request), start + 1_800_000];
    const claimed = { address: '192.0.2.7 50000 192.0.2.2 22', fingerprint: 'SHA256:x' };
    const identity = { ...who, amr: ['pwd'], acr: 'silver', authenticatedAt: start - 9_000 };
    const auto = sample.auto === undefined ? {} : { auto: sample.auto };
    const isAsked = sample.breakGlass !== true;
    const approvers = sample.breakGlass === true || sample.auto !== undefined ? [] : [person(by)];
    this.at(start - 8_000);
    if (isAsked) {
      this.add('sign-in', { login, claimed, identity, groups: ['engineers'] });
      this.add('requested', {
        ...{
          request,
          rule: 'groups.0',
          session,
          account: 'dba',
          who,
          address: claimed.address,
          fingerprint: 'SHA256:x',
        },
        ...{ reason, durationMs: 1_800_000, requestedAt: start - 8_000, answerBy: end },
      });
      for (const one of approvers)
        this.add('reviewed', {
          ...{ request, digest, verdict: 'approve', by: one, groups: ['oncall'], at_: start, proof },
          ...{ rule: 'approvers.groups.0', login, session },
        });
    }
    this.at(start);
    if (isAsked)
      this.add('granted', {
        ...{ grant, request, digest, host_: this.#name, session, who, reason, approvers, ...auto, start, end },
        ...{ window: '30m', rules: ['approvers.groups.0'], reviewedOn: approvers.map(() => this.#name) },
        ...{ proofs: approvers.map(() => proof) },
      });
    else this.add('break-glass', { grant, code: request, session, login, reason, end, claimed });
    this.others(1);
    this.add('connected', {
      ...{ connection, login, identity: who, claimed, session, mode: 'type', grant },
      ...{ request: isAsked ? request : `GLASS${request}`, approvers, ...auto, reason, window: { start, end } },
      ...{ recording: `2026-07-01/${connection}.cast`, server: `S${request}` },
    });
    if (sample.recording !== undefined) this.#record(connection, login, sample.recording);
    if (sample.recording !== undefined && sample.isUnsealed !== true) this.#seal(connection, sample.recording);
    if (isOpen) return this;
    this.at(end - 1_000);
    const killed = [{ pid: 77, comm: 'sleep', uid: 1001, ageSeconds: 4 }];
    this.add('disconnected', {
      ...{ connection, session, login, identity: who, grant, why: 'expired', lasted: '30m', killed },
    });
    return this.add('grant-ended', {
      grant,
      request: isAsked ? request : `GLASS${request}`,
      session,
      login,
      end,
      why: 'expired',
    });
  }

  /** A recording in ranges of some hundred bytes, with other people's records between them. */
  #record(connection: string, login: string, content: string): void {
    let [chain, from, range] = ['0'.repeat(64), 0, 0];
    for (let to = 0; from < content.length; from = to, range += 1) {
      to = content.indexOf('\n', Math.min(from + 700, content.length - 1)) + 1;
      const digest = hex(content.slice(from, to));
      chain = hex(chain + digest);
      this.add('recording-range', { connection, range, from, to, sha256: digest, chain }).others(2);
    }
    const facts = { connection, session: 'prod-db', login, ranges: range, bytes: content.length, chain };
    this.add('recording-closed', facts);
  }

  #seal(connection: string, content: string): void {
    const folder = join(this.recordings, '2026-07-01');
    mkdirSync(folder, { recursive: true });
    const sealed = zstdCompressSync(Buffer.from(content));
    writeFileSync(join(folder, `${connection}.cast.zst`), sealed);
    const file = `2026-07-01/${connection}.cast.zst`;
    this.add('recording-sealed', { connection, file, bytes: sealed.length, sha256: hex(sealed), recipients: [] });
  }

  /** A `head` record with a checkpoint of what is there. */
  async head(): Promise<this> {
    return this.add('head', { head: (await this.view()).checkpoint });
  }

  /** The journal as it is now. @param by who signs the checkpoint */
  async view(by: Signer = this.host): Promise<LogView> {
    this.flush();
    const path = join(this.folder, 'journal.jsonl');
    const { journalLines } = await import('../../src/adapters/journal/read.ts');
    const lines = async function* (from: number): AsyncGenerator<string> {
      let at = 0;
      for await (const { text } of journalLines(path)) if (at++ >= from) yield text;
    };
    const tiles = await JournalTiles.open({ folder: this.folder, sha256, lines }, this.#n);
    const root = tiles.root();
    const text = printCheckpoint({ origin: `tmux-gate/${this.#name}`, size: this.#n, root, extensions: [] });
    const signatures = [by, ...this.witnesses].map((one) => lineOf(one, text));
    return {
      ...{ path, host: this.#name, checkpoint: printNote({ text, signatures }), size: this.#n, root, first: 1 },
      ...{ bytes: statSync(path).size, hostKey: vkeyOf(by), witnessKeys: this.witnesses.map(vkeyOf) },
      prove: (index) => inclusionProof(tiles.tree(this.#n), index),
      hash: tiles.tree(this.#n).hash,
      extend: (size) => consistencyProof(tiles.tree(this.#n), size),
    };
  }
}

/** A recording of so many events. */
export function castOf(events: number): string {
  const header = JSON.stringify({ version: 2, width: 80, height: 24 });
  const lines = Array.from({ length: events }, (_, at) =>
    JSON.stringify([at / 10, 'o', `line ${String(at)} of output\r\n`]),
  );
  return `${[header, ...lines].join('\n')}\n`;
}
