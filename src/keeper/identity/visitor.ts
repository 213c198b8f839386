// Who a conversation is with.
import type { Hello } from '../../wire/messages.ts';
import type { Reader } from '../../wire/to-type.ts';

export interface VisitorDeps {
  readonly host: string;
}

export interface Visitor {
  readonly hello: Hello;
  /** The login; `root` for root on the host itself without a login of their own. */
  readonly login: string;
  readonly uid: number;
  /** Claimed. */
  readonly address: string;
  readonly fingerprint: string;
  readonly local: boolean;
}

export function isRoot(visitor: Visitor): boolean {
  return visitor.local;
}

/** For what they are told to type. */
export function readerOf({ host }: VisitorDeps, { local }: Visitor): Reader {
  return { host, local };
}
