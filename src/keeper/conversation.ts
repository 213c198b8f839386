// The keeper's side of a conversation with a gate, as everything that says or asks something sees it.
import type { Refusal } from '../core/refusal.ts';
import type { DashboardFrame, DashboardKey } from '../wire/dashboard-messages.ts';
import type { Go, InputRule, FromGate } from '../wire/messages.ts';

export interface Conversation {
  /** Aborted when the person cancels or the gate is gone. */
  readonly gone: AbortSignal;
  /** True once the socket is closed, as opposed to cancelled. */
  readonly closed: Promise<void>;
  /** Says that somebody listens, so that the gate waits for the rest however long it takes (gate/greet.ts). */
  heard(): void;
  out(lines: readonly string[]): void;
  note(lines: readonly string[]): void;
  /** @param hide whether the answer is taken off the screen. @throws Refused CANCELLED */
  ask(prompt: string, hide?: boolean): Promise<string>;
  /**
   * Shows what is waited for while the task runs.
   * @param until instant at which it ends by itself.
   * @param request whose answer it is that is waited for: its gate comes back for it to the next keeper.
   * @throws Refused CANCELLED when the person does not want to wait.
   */
  wait<T>(
    text: string,
    until: number | undefined,
    task: (signal: AbortSignal) => Promise<T>,
    request?: string,
  ): Promise<T>;
  bell(): void;
  board(frame: DashboardFrame): void;
  /**
   * Called for each key on a board. From then on a cancel that comes too late for what it meant cancels nothing; one that leaves ends
   * what goes on within as well.
   */
  onKey(hear: (key: DashboardKey) => void): void;
  /** A conversation within this one: a cancel ends it alone. @throws what it throws, Refused CANCELLED among it */
  within<T>(talk: (conversation: Conversation) => Promise<T>): Promise<T>;
  refuse(refusal: Refusal): void;
  done(exit: number): void;
  go(message: Go): void;
  deadline(end: number, expired: readonly string[]): void;
  input(rule: InputRule): void;
  cut(lines: readonly string[], exit: number): void;
  /** Called for what the relay reports after "go". */
  onReport(hear: (message: Extract<FromGate, { t: 'attached' | 'stopped' | 'ended' }>) => void): void;
  /** Resolves when the gate has taken what it was told, or is gone. */
  taken(): Promise<void>;
  close(): void;
}
