// Sends notices to webhooks and mailboxes (docs/design.md, "Requests and reviews"). They are a courtesy and no evidence.
//
// 1. `send` neither waits nor throws. Attack: a receiver that hangs delays an approval.
// 2. The queue of each receiver is bounded. A notice that finds no place, or does not arrive, is dropped and reported (`failed`). Attack:
//    a receiver that hangs fills the keeper's memory.
// 3. A receiver is named without the parts of its address that may be secret (law 11).
import { setTimeout as sleep } from 'node:timers/promises';
import { notSent } from '../../core/messages/notices.ts';
import type { Notice, NoticeEvent } from '../../core/notice.ts';
import type { Receiver } from './formats.ts';
import { mailCarrier, type MailReceiver } from './mail.ts';
import { webhookCarrier } from './webhook.ts';
import type { Outgoing } from '../outgoing.ts';
import type { Carrier } from './carrier.ts';

/** A receiver, and what it is told of. */
export type NotifyTarget = (Receiver | MailReceiver) & {
  /** The events that it is told of; undefined: all. */
  readonly events?: readonly NoticeEvent[];
};

/** Whom to notify, and how often to try. */
export interface NotifyOptions {
  readonly targets: readonly NotifyTarget[];
  /** The time limit of one try, in milliseconds. */
  readonly timeoutMs: number;
  /** The wait before the second try, in milliseconds; it grows fourfold with each further try. */
  readonly backoffMs?: number;
  readonly log: { warn(event: string, fields: Readonly<Record<string, unknown>>): void };
  /** Called with each notice that was dropped. */
  readonly failed?: (target: string, problem: string, notice: Notice) => void;
  /** How the name of a mail server is checked. */
  readonly identity?: Outgoing['identity'];
  /** Called with each target that took a notice. */
  readonly arrived?: (target: string) => void;
}

/** Sends notices in the background. */
export interface Notifier {
  /** Queues a notice for every target that wants its event. Returns at once, never throws. */
  send(notice: Notice): void;
  /** Accepts nothing more, and sends what is queued until the signal aborts; then drops the rest. */
  close(signal: AbortSignal): Promise<void>;
}

const tries = 4;
const queueLimit = 100;
const defaultBackoffMs = 1000;

/** Opens a queue for each target. */
export function openNotifier(options: NotifyOptions): Notifier {
  const mailboxes = options.targets.map((target) => new Mailbox(target, options));
  return {
    send: (notice) => {
      for (const mailbox of mailboxes) if (mailbox.wants(notice)) mailbox.put(notice);
    },
    close: async (signal) => {
      await Promise.all(mailboxes.map((mailbox) => mailbox.close(signal)));
    },
  };
}

/** The queue of one receiver: its notices are sent one after another, in order. */
class Mailbox {
  readonly #target: NotifyTarget;
  readonly #options: NotifyOptions;
  readonly #carrier: Carrier;
  readonly #waiting: Notice[] = [];
  readonly #stop = new AbortController();
  #emptying: Promise<void> | undefined;
  #closed = false;

  constructor(target: NotifyTarget, options: NotifyOptions) {
    this.#target = target;
    this.#options = options;
    this.#carrier = 'webhook' in target ? webhookCarrier(target) : mailCarrier(target, options.identity);
  }

  wants({ event }: Notice): boolean {
    return this.#target.events?.includes(event) ?? true;
  }

  put(notice: Notice): void {
    if (this.#closed) return this.#giveUp(notSent.keeperStops, notice);
    if (this.#waiting.length >= queueLimit) return this.#giveUp(notSent.tooManyWait(queueLimit), notice);
    this.#waiting.push(notice);
    this.#emptying ??= this.#empty();
  }

  async close(signal: AbortSignal): Promise<void> {
    this.#closed = true;
    const stop = (): void => this.#stop.abort();
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    await this.#emptying;
    signal.removeEventListener('abort', stop);
  }

  async #empty(): Promise<void> {
    for (let notice = this.#waiting.shift(); notice !== undefined; notice = this.#waiting.shift()) {
      const problem = await this.#deliver(notice);
      if (problem === undefined) this.#options.arrived?.(this.#carrier.name);
      else this.#giveUp(problem, notice);
    }
    this.#emptying = undefined;
  }

  /** Tries up to four times. @returns what is wrong, when it did not arrive. */
  async #deliver(notice: Notice): Promise<string | undefined> {
    let wait = this.#options.backoffMs ?? defaultBackoffMs;
    for (let left = tries - 1; ; left -= 1, wait *= 4) {
      const outcome = await this.#carrier.carry(notice, this.#tryLimit());
      if (outcome === 'arrived') return undefined;
      if (left === 0 || !outcome.mayPass || this.#stop.signal.aborted) return outcome.problem;
      await sleep(Math.max(wait, outcome.waitMs ?? 0), undefined, { signal: this.#stop.signal, ref: false }).catch(
        () => undefined,
      );
    }
  }

  #tryLimit(): AbortSignal {
    return AbortSignal.any([this.#stop.signal, AbortSignal.timeout(this.#options.timeoutMs)]);
  }

  #giveUp(problem: string, notice: Notice): void {
    this.#options.log.warn('notify-failed', { target: this.#carrier.name, problem });
    this.#options.failed?.(this.#carrier.name, problem, notice);
  }
}
