// Has the journal of this host cosigned: by peers over the store, and by witnesses of the policy over HTTP.
//
// 1. A round asks every witness about one checkpoint. There is one round at a time, none without new records, and one that nobody answers
//    ends after a while: no visit and no record ever waits for a witness.
// 2. A cosignature counts only if it is the witness's own, of a checkpoint of ours (core/tlog/witness.ts). Attack: whoever can write to the
//    store, or answers in the witness's place, makes a journal look witnessed.
// 3. A witness that is away (progress.ts) is an alarm, once; so is its coming back.
// 4. A witness that has cosigned another journal than this one is an alarm on this host too. It is asked all the same, so that it sees the
//    contradiction. Accident: a host was restored from a backup, and nobody knows that records are missing.
import { cosignerOf, logKeyOf, noteChecks } from '../../adapters/journal/checkpoints.ts';
import { openProvableLog, type ProvableLog } from '../../adapters/journal/proofs.ts';
import type { Keys } from '../../adapters/keys.ts';
import type { Store } from '../../adapters/redis/store.ts';
import { writeCosigned, writeWitnesses, type WitnessState } from '../../adapters/witness/cosigned.ts';
import type { addCheckpoint } from '../../adapters/witness/url.ts';
import type { Files } from '../../adapters/witness/witnessed.ts';
import { contradictionOf, moreThanHere, noAnswer, statusOf, wrongKey } from '../../core/messages/witness.ts';
import { Refused } from '../../core/refusal.ts';
import { answerShape, passedOver, type Answer } from '../../core/tlog/ask.ts';
import { printNote, readNote, type Note, type NoteKey } from '../../core/tlog/note.ts';
import { printCheckpointRequest, withCosignature } from '../../core/tlog/witness.ts';
import { minute, second } from '../../core/time.ts';
import { Progress, type Place } from './progress.ts';
import { contradicted, judge, type TellDeps } from './tell.ts';

export interface OwnLogDeps extends TellDeps {
  readonly host: string;
  readonly layout: { readonly journal: string; readonly witnesses: string };
  readonly files: Files;
  readonly keys: Pick<Keys, 'sign' | 'verify' | 'publicKey'>;
  readonly store: Pick<Store, 'leave' | 'letters'>;
  readonly addCheckpoint: typeof addCheckpoint;
  now(): number;
}

const roundMs = 15 * second;
const againMs = minute;
const urlMs = 10 * second;
const triesLimit = 3;

/** One checkpoint, and who has not answered yet. */
interface Round {
  readonly own: ProvableLog;
  readonly plain: Note;
  note: Note;
  readonly since: number;
  readonly waiting: Set<Progress>;
}

/** The journal of this host, as its witnesses have seen it. */
export class OwnLog {
  readonly #deps: OwnLogDeps;
  readonly #key: NoteKey;
  readonly #witnesses: readonly Progress[];
  readonly #heard = new Map<string, string>();
  /** In which round each witness was asked last: its answer may come after the end of the round. */
  readonly #asked = new Map<Progress, Round>();
  #round: Round | undefined;
  /** The checkpoint of the last round, and when it began. */
  #last = { checkpoint: '', at: -Infinity };
  /** How many records the note has that is kept for evidence. */
  #kept = 0;
  #records = 0;

  /** @param places the witnesses, by their key @param known how far they had come when the last keeper stopped */
  constructor(
    deps: OwnLogDeps,
    places: readonly (readonly [key: NoteKey, place: Place])[],
    known: readonly WitnessState[],
  ) {
    this.#deps = deps;
    this.#key = logKeyOf(deps.host, deps.keys.publicKey() ?? '');
    this.#witnesses = places.map(
      ([key, place]) =>
        new Progress(
          key,
          place,
          known.find(({ name }) => name === key.name),
        ),
    );
  }

  get records(): number {
    return this.#records;
  }

  witnesses(): readonly Progress[] {
    return this.#witnesses;
  }

  /** Goes on with the round, or begins the next one (rule 1). */
  async turn(): Promise<void> {
    const { journal, layout } = this.#deps;
    if (this.#witnesses.length === 0 || journal.changed !== undefined) return;
    const own = await openProvableLog(layout.journal, this.#key).catch(() => undefined);
    if (own === undefined) return;
    this.#records = own.head.size;
    await this.#collect();
    if (this.#isOver(this.#deps.monotonicNow())) await this.#endRound();
    if (this.#isDue(own.checkpoint, this.#deps.monotonicNow())) await this.#begin(own);
    for (const witness of this.#witnesses) await judge(this.#deps, witness, this.#records); // rule 3
  }

  /** Ends its round: another policy names other witnesses, and another object takes its place. */
  async end(): Promise<void> {
    const round = this.#round;
    this.#round = undefined;
    if (round === undefined) return;
    await this.#keep(round);
    await round.own.close();
  }

  #isOver(now: number): boolean {
    return this.#round !== undefined && (this.#round.waiting.size === 0 || now - this.#round.since >= roundMs);
  }

  /** By the whole checkpoint and not by its size: one of as many other records must be seen by the witnesses too (rule 4). */
  #isDue(checkpoint: string, now: number): boolean {
    if (this.#round !== undefined) return false;
    const someBehind = this.#witnesses.some(({ size }) => size < this.#records);
    return checkpoint !== this.#last.checkpoint || (someBehind && now - this.#last.at >= againMs);
  }

  async #begin(own: ProvableLog): Promise<void> {
    const plain = readNote(own.checkpoint);
    if (plain === undefined) return;
    const since = this.#deps.monotonicNow();
    const waiting = new Set(this.#witnesses.filter(({ isPresent }) => isPresent));
    const round: Round = { own, plain, note: plain, since, waiting };
    this.#round = round;
    this.#last = { checkpoint: own.checkpoint, at: since };
    for (const witness of this.#witnesses) {
      witness.tries = 0;
      await this.#ask(witness, round);
    }
  }

  async #endRound(): Promise<void> {
    const round = this.#round as Round;
    this.#round = undefined;
    for (const witness of round.waiting) {
      witness.isPresent = false;
      witness.problem ??= noAnswer;
    }
    await this.#keep(round);
    await round.own.close();
  }

  /** Keeps what was cosigned, for readers. */
  async #keep({ note, own, plain }: Round): Promise<void> {
    const { files, layout, log } = this.#deps;
    const lost = (error: unknown): void => log.warn('cosignatures-not-kept', { error });
    if (note !== plain && own.head.size >= this.#kept) {
      this.#kept = own.head.size;
      await writeCosigned(layout.journal, printNote(note)).catch(lost);
    }
    const states = this.#witnesses.map((witness) => witness.state());
    await writeWitnesses(files, layout.witnesses, states).catch(lost);
  }

  /** Asks a witness to cosign the checkpoint of a round. Never rejects. */
  async #ask(witness: Progress, round: Round): Promise<void> {
    try {
      const { size } = round.own.head;
      witness.tries += 1;
      this.#asked.set(witness, round);
      if (witness.size > size) await this.#contradicted(witness, moreThanHere(witness.size, size));
      const old = witness.size > size ? 0 : witness.size;
      const proof = old === 0 ? [] : (await round.own.consistency(old)).proof;
      const request = printCheckpointRequest({ old, proof, checkpoint: round.own.checkpoint });
      if ('peer' in witness.place) await this.#leave(witness, witness.place.peer, request);
      else if (!witness.isAsked) void this.#post(witness, witness.place.url, { request, round });
    } catch (error) {
      this.#failed(witness, round, error instanceof Refused ? error.code : wordsOf(error));
    }
  }

  async #leave(witness: Progress, peer: string, request: string): Promise<void> {
    const { host, keys, store } = this.#deps;
    witness.number = Math.max(this.#deps.now(), witness.number + 1);
    const jws = await keys.sign('witness-ask', { to: peer, number: witness.number, request });
    await store.leave('asks', peer, { from: host, jws });
    witness.isAsked = true;
  }

  async #post(witness: Progress, url: string, { request, round }: { request: string; round: Round }): Promise<void> {
    witness.isAsked = true;
    try {
      const answer = await this.#deps.addCheckpoint(url, request, urlMs);
      witness.answered();
      if ('lines' in answer) this.#took(witness, round, answer.lines);
      else await this.#again(witness, round, answer.size);
    } catch (error) {
      this.#failed(witness, round, wordsOf(error));
    }
  }

  /** Reads what peers have answered. */
  async #collect(): Promise<void> {
    const { host, log, store } = this.#deps;
    if (!this.#witnesses.some(({ isAsked, place }) => isAsked && 'peer' in place)) return;
    try {
      for (const { from, jws } of await store.letters('answers', host)) {
        if (this.#heard.get(from) === jws) continue;
        const witness = this.#witnesses.find(({ place }) => 'peer' in place && place.peer === from);
        if (witness !== undefined) await this.#hear(witness, from, jws);
        this.#heard.set(from, jws);
      }
    } catch (error) {
      log.info('witnesses-not-read', { error });
    }
  }

  async #hear(witness: Progress, from: string, jws: string): Promise<void> {
    const { host, keys } = this.#deps;
    const answer = (await keys.verify(jws, 'witness-answer', answerShape, from))?.value;
    const round = this.#asked.get(witness);
    if (answer?.to !== host || round === undefined) return;
    if (answer.status === passedOver && answer.number >= witness.number) {
      witness.number = answer.number;
      return this.#again(witness, round, answer.size);
    }
    if (answer.number !== witness.number) return;
    await this.#heed(witness, round, answer);
    if (round !== this.#round) await this.#keep(round);
  }

  async #heed(witness: Progress, round: Round, answer: Answer): Promise<void> {
    const { size } = round.own.head;
    witness.answered();
    if (answer.status === 200) return this.#took(witness, round, answer.lines ?? '');
    if (answer.contradiction !== undefined) {
      witness.size = answer.size;
      await this.#contradicted(witness, contradictionOf(answer.contradiction, answer.size, size));
      round.waiting.delete(witness);
    } else if (answer.status === 409) await this.#again(witness, round, answer.size);
    else this.#failed(witness, round, statusOf(answer.status));
  }

  /** The witness has cosigned another size than was thought. */
  async #again(witness: Progress, round: Round, size: number): Promise<void> {
    const isKnown = size === witness.size;
    witness.size = size;
    if (witness.tries < triesLimit) return this.#ask(witness, round);
    this.#failed(witness, round, isKnown ? statusOf(409) : noAnswer);
  }

  /** Rule 2. */
  #took(witness: Progress, round: Round, lines: string): void {
    const alone = withCosignature(noteChecks, round.plain, lines, witness.key);
    if (alone === undefined) return this.#failed(witness, round, wrongKey);
    round.note = withCosignature(noteChecks, round.note, lines, witness.key) ?? round.note;
    round.waiting.delete(witness);
    witness.cosigned(round.own.head.size, this.#deps.now(), printNote(alone));
  }

  /** Rule 4. */
  async #contradicted(witness: Progress, problem: string): Promise<void> {
    await contradicted(this.#deps, witness, problem, this.#records);
  }

  #failed(witness: Progress, round: Round, problem: string): void {
    witness.failed(problem);
    round.waiting.delete(witness);
  }
}

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : noAnswer);

/** The key and the place of a peer. @returns undefined for one whose key is not known */
export function peerPlace(peer: string, publicKey: string | undefined): readonly [NoteKey, Place] | undefined {
  return publicKey === undefined ? undefined : [cosignerOf(peer, publicKey), { peer }];
}
