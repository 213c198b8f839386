// A rule of the policy that approves without a person (core/auto-approve.ts).
export interface AutoRule {
  readonly name: string;
  /** The requester is in one of these groups; undefined: anybody who may ask. */
  readonly who?: readonly string[];
  /** The requester is on call by one of these sources; undefined: not checked. */
  readonly onCall?: readonly string[];
  /** The ticket hook that must approve the request; undefined: none is asked. */
  readonly ticket?: string;
  /** The longest time that the rule approves. */
  readonly forMs: number;
}
