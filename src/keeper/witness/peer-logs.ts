// This host as a witness of its peers' journals (C2SP tlog-witness), over the store.
//
// 1. An ask counts only with the signature of the peer, for this host, and with a number that is higher than the last (core/tlog/ask.ts). The
//    checkpoint in it counts only with a signature of the same peer's key, from root's own file. Attack: whoever can write to the store makes
//    this host cosign, or raise an alarm.
// 2. What is cosigned continues what was cosigned before, by this host's own file (core/tlog/witness.ts). Attack: root of the peer rewrites a
//    record, cuts the end, restores yesterday's files or starts a second journal, and signs it all with the peer's key.
// 3. That file is on disk before the cosignature leaves this host.
// 4. A contradiction is journaled and raised as an alarm once, with the name of the host; the checkpoint that contradicts is kept as evidence,
//    until the peer shows one that continues, or root of this host accepts it with a reason.
import { cosignerOf, hashOf, logKeyOf, noteChecks, originOf } from '../../adapters/journal/checkpoints.ts';
import type { Journal } from '../../adapters/journal/journal.ts';
import type { Keys } from '../../adapters/keys.ts';
import type { Log } from '../../adapters/log.ts';
import type { Letter } from '../../adapters/redis/replies.ts';
import type { Store } from '../../adapters/redis/store.ts';
import { nothingWitnessed, type Witnessed, type WitnessedLogs } from '../../adapters/witness/witnessed.ts';
import { forkAlarm, forkOver } from '../../core/messages/witness.ts';
import { askShape, passedOver, type Answer, type Ask } from '../../core/tlog/ask.ts';
import { decodeBase64, encodeBase64 } from '../../core/tlog/base64.ts';
import { cosignedMessage, printNote } from '../../core/tlog/note.ts';
import {
  cosignatureLine,
  judge,
  withCosignature,
  type Contradiction,
  type Judgement,
  type KnownLog,
  type SignedCheckpoint,
} from '../../core/tlog/witness.ts';
import { hour, second } from '../../core/time.ts';
import type { Alarms } from '../notices/alarms.ts';

export interface PeerLogsDeps {
  readonly host: string;
  readonly config: { readonly peers: Readonly<Record<string, string>> };
  readonly keys: Pick<Keys, 'sign' | 'verify' | 'publicKey' | 'signNote'>;
  readonly store: Pick<Store, 'leave' | 'letters'>;
  readonly journal: Pick<Journal, 'write'>;
  readonly alarms: Alarms;
  readonly log: Log;
  readonly witnessed: WitnessedLogs;
  now(): number;
}

type Answered = Pick<Answer, 'status' | 'size' | 'lines' | 'contradiction'>;

/** The journals of the peers, as this host has seen them. */
export class PeerLogs {
  readonly #deps: PeerLogsDeps;
  /** The last ask of each peer that was answered, as text. */
  readonly #answered = new Map<string, string>();
  readonly #known = new Map<string, Witnessed>();

  constructor(deps: PeerLogsDeps) {
    this.#deps = deps;
  }

  /** What was cosigned, by host. */
  known(): ReadonlyMap<string, Witnessed> {
    return this.#known;
  }

  /** Reads what is known of the peers. @throws Error when a file cannot be understood */
  async load(): Promise<void> {
    for (const peer of Object.keys(this.#deps.config.peers)) await this.#of(peer);
  }

  /** Answers what was asked since the last turn. @throws Refused REDIS_DOWN */
  async turn(): Promise<void> {
    const { config, host, log, store } = this.#deps;
    for (const peer of Object.keys(config.peers))
      await this.#takeAccepted(peer).catch((error: unknown) => log.error('fork-not-accepted', { peer, error }));
    for (const letter of await store.letters('asks', host)) {
      const isNew = Object.hasOwn(config.peers, letter.from) && this.#answered.get(letter.from) !== letter.jws;
      if (isNew)
        await this.#hear(letter).catch((error: unknown) => log.error('not-cosigned', { of: letter.from, error }));
    }
  }

  /** Rule 1. */
  async #hear({ from, jws }: Letter): Promise<void> {
    const { host, keys, store } = this.#deps;
    const read = await keys.verify(jws, 'witness-ask', askShape, from);
    if (read?.value.to === host) {
      const [number, answered] = await this.#answer(from, read.value);
      const answer: Answer = { to: from, number, ...answered };
      await store.leave('answers', from, { from: host, jws: await keys.sign('witness-answer', answer) });
    }
    this.#answered.set(from, jws);
  }

  async #answer(from: string, { number, request }: Ask): Promise<readonly [number: number, answer: Answered]> {
    const known = await this.#of(from);
    if (number <= known.asked) return [known.asked, { status: passedOver, size: known.size }];
    const judged = judge(noteChecks, [this.#log(from, known)], request);
    const answer = judged.status === 200 ? await this.#cosign(from, known, number, judged) : undefined;
    return [number, answer ?? (await this.#refuse(from, known, number, judged))];
  }

  #log(host: string, { size, root }: Witnessed): KnownLog {
    const publicKey = this.#deps.keys.publicKey(host) ?? '';
    const last = size === 0 ? undefined : { size, root: decodeBase64(root) ?? '' };
    return { origin: originOf(host), keys: [logKeyOf(host, publicKey)], last };
  }

  /** Rules 2 and 3. */
  async #cosign(
    from: string,
    known: Witnessed,
    asked: number,
    { checkpoint, note }: SignedCheckpoint,
  ): Promise<Answered> {
    const { host, keys, journal, alarms, witnessed } = this.#deps;
    const key = cosignerOf(host, keys.publicKey() ?? '');
    const [at, { size, root }] = [this.#deps.now(), checkpoint];
    const time = Math.floor(at / second);
    const lines = cosignatureLine(hashOf, key, time, keys.signNote(cosignedMessage(note.text, time)));
    const signed = printNote(withCosignature(noteChecks, note, lines, key) ?? note);
    if (known.contradicting !== undefined) {
      await journal.write('fork-over', { log: from, records: size });
      alarms.clear(forkOver(from));
    }
    await this.#keep(from, { asked, size, root: encodeBase64(root), note: signed, at });
    if (at - known.at >= hour || Math.floor(at / hour) !== Math.floor(known.at / hour))
      await witnessed.add(from, signed);
    return { status: 200, size, lines };
  }

  /** Rule 4. */
  async #refuse(from: string, known: Witnessed, asked: number, judged: Judgement): Promise<Answered> {
    const contradiction = 'contradiction' in judged ? judged.contradiction : undefined;
    if (contradiction === undefined || !('note' in judged)) {
      await this.#keep(from, { ...known, asked });
      return { status: judged.status, size: known.size };
    }
    const seen = known.contradicting ?? (await this.#tell(from, known, contradiction, judged));
    await this.#keep(from, { ...known, asked, contradicting: seen });
    return { status: judged.status, size: known.size, contradiction };
  }

  async #tell(
    from: string,
    known: Witnessed,
    problem: Contradiction,
    { checkpoint, note }: SignedCheckpoint,
  ): Promise<NonNullable<Witnessed['contradicting']>> {
    const { alarms, journal, log } = this.#deps;
    const { size, root } = checkpoint;
    log.error('fork-seen', { of: from, problem, cosigned: known.size, shown: size });
    alarms.raise(forkAlarm(from, problem, known.size, size));
    const [cosignedRoot, shownRoot] = [hexOf(decodeBase64(known.root) ?? ''), hexOf(root)];
    await journal.write('fork-seen', {
      log: from,
      problem,
      cosigned: known.size,
      cosignedRoot,
      shown: size,
      shownRoot,
    });
    return { problem, size, note: printNote(note), at: this.#deps.now() };
  }

  async #takeAccepted(host: string): Promise<void> {
    const { journal, witnessed } = this.#deps;
    const known = await this.#of(host);
    if (known.contradicting === undefined) return;
    const accepted = await witnessed.accepted(host);
    if (accepted === undefined) return;
    if (accepted.size === known.size) {
      const { by, reason, at, size: cosigned } = accepted;
      await journal.write('fork-accepted', { log: host, cosigned, by, reason, at });
      await witnessed.add(host, known.note);
      await this.#keep(host, { ...nothingWitnessed, asked: known.asked });
    }
    await witnessed.forgetAccepted(host);
  }

  async #of(host: string): Promise<Witnessed> {
    const known = this.#known.get(host) ?? (await this.#deps.witnessed.of(host));
    this.#known.set(host, known);
    return known;
  }

  async #keep(host: string, witnessed: Witnessed): Promise<void> {
    await this.#deps.witnessed.keep(host, witnessed);
    this.#known.set(host, witnessed);
  }
}

const hexOf = (bytes: string): string => Buffer.from(bytes, 'latin1').toString('hex');
