// The login at the other end of a conversation.
import type { Hello } from '../../wire/messages.ts';
import type { Reader } from '../../wire/to-type.ts';

export interface VisitorDeps {
  readonly host: string;
}

/** A login, verified by `identify`; which person it is, only a sign-in proves. */
export interface Visitor {
  readonly hello: Hello;
  /** The login; `root` for root on the host without a login behind it. */
  readonly login: string;
  readonly uid: number;
  /** A client claim, as is the fingerprint. */
  readonly address: string;
  readonly fingerprint: string;
  /** Whether this is the CLI, which root runs on the host. */
  readonly local: boolean;
}

/** Whether root on the host is acting: the CLI, not ssh. */
export function isRoot(visitor: Visitor): boolean {
  return visitor.local;
}

/** How hints must spell commands for this visitor (`ssh host ...`, or the CLI's). */
export function readerOf({ host }: VisitorDeps, { local }: Visitor): Reader {
  return { host, local };
}

/** The width of the visitor's terminal; undefined where their output goes to none, or ssh gave none to it. */
export function columnsOf({ hello }: Visitor): number | undefined {
  return hello.tty ? hello.cols : undefined;
}
