// What sends notices to one receiver.
import type { Notice } from '../../core/notice.ts';

/** The result of one try: `arrived`, or what is wrong, and whether trying again may help. */
export type Carried =
  | 'arrived'
  | {
      readonly problem: string;
      readonly mayPass: boolean;
      /** How long the receiver asks us to wait, in milliseconds. */
      readonly waitMs?: number;
    };

/** Sends notices to one receiver. */
export interface Carrier {
  /** Names the receiver without any secret: for the log. */
  readonly name: string;
  /** Tries once to send a notice. Never rejects. */
  carry(notice: Notice, signal: AbortSignal): Promise<Carried>;
}
