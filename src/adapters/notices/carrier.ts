// What brings notices to one receiver.
import type { Notice } from '../../core/notice.ts';

/** How one try went: what is wrong, and whether it may pass by itself. */
export type Carried =
  | 'arrived'
  | {
      readonly problem: string;
      readonly mayPass: boolean;
      /** How long the receiver asks to be left alone, milliseconds. */
      readonly waitMs?: number;
    };

export interface Carrier {
  /** Whom it reaches, without any secret: for the log. */
  readonly name: string;
  /** Never rejects. */
  carry(notice: Notice, signal: AbortSignal): Promise<Carried>;
}
