// The keeper's side of a conversation with a gate or the CLI, as its services use it.
import type { Refusal } from '../core/refusal.ts';
import type { DashboardFrame, DashboardKey } from '../wire/dashboard-messages.ts';
import type { AskKind, Go, InputRule, FromGate, Looked, Shown } from '../wire/messages.ts';

/** How a question is asked. */
export interface Asking {
  /** Whether the answer is removed from the screen. */
  readonly hide?: boolean;
  /** What is answered without a terminal too; without a kind, such a question is cancelled there. */
  readonly kind?: AskKind;
}

/** Sends to, and hears from, one gate. Sending never fails: what a closed socket does not take is dropped. */
export interface Conversation {
  /** Aborts when the person cancels or the gate is gone. */
  readonly gone: AbortSignal;
  /** Resolves when the socket has closed; a cancel alone does not close it. */
  readonly closed: Promise<void>;
  /** Tells the gate that the keeper works on it, so that it waits for the rest however long that takes (gate/greet.ts). */
  heard(): void;
  /** Lines of the answer, for standard output. */
  out(lines: readonly string[]): void;
  /** Lines beside the answer, for the terminal or standard error. */
  note(lines: readonly string[]): void;
  /** Asks one question. @throws Refused CANCELLED */
  ask(prompt: string, how?: Asking): Promise<string>;
  /**
   * Shows what the person waits for while the task runs.
   * @param until when the wait ends by itself, for the screen: milliseconds since the epoch
   * @param request the request whose answer is awaited: if the keeper restarts, the gate comes back to the next one for it
   * @throws Refused CANCELLED when the person does not want to wait, and what the task throws
   */
  wait<T>(
    text: string,
    until: number | undefined,
    task: (signal: AbortSignal) => Promise<T>,
    request?: string,
  ): Promise<T>;
  bell(): void;
  /** Sends a frame of the dashboard; one that the gate has not taken yet is replaced. */
  dashboard(frame: DashboardFrame): void;
  /**
   * Calls `hear` for each key on a dashboard. From then on, a cancel ends only what runs in `within`, and nothing if that has ended
   * already; the key that leaves ends both.
   */
  onKey(hear: (key: DashboardKey) => void): void;
  /** Sends what an auditor's terminal prints. Send the next one after `onShown` only: nothing is kept for a slow terminal. */
  picture(text: string): void;
  /** Calls `hear` when the terminal has taken a picture, or has another size. */
  onShown(hear: (shown: Shown) => void): void;
  /** Runs a conversation within this one: a cancel ends only the inner one. @throws what `talk` throws, for example Refused CANCELLED */
  within<T>(talk: (conversation: Conversation) => Promise<T>): Promise<T>;
  refuse(refusal: Refusal): void;
  /** The last message: the exit code of the gate or CLI. */
  done(exit: number): void;
  go(message: Go): void;
  /** Moves the gate's own deadline. @param end milliseconds since the epoch. @param expired what the person reads then. */
  deadline(end: number, expired: readonly string[]): void;
  /** Whether the gate passes the person's keys. */
  input(rule: InputRule): void;
  /** The answer to a gate's `look`. */
  looked(answer: Looked): void;
  /** Tells the gate to end the connection now, with these last lines. */
  cut(lines: readonly string[], exit: number): void;
  /** Calls `hear` for what the gate reports after "go". */
  onReport(hear: (message: Extract<FromGate, { t: 'attached' | 'stopped' | 'look' | 'ended' }>) => void): void;
  /** Resolves when the gate has taken what was sent, or is gone. */
  taken(): Promise<void>;
  close(): void;
}
