// A rule of the policy that approves by itself (core/auto-approve.ts).
export interface AutoRule {
  readonly name: string;
  /** In one of these groups. */
  readonly who?: readonly string[];
  /** On call by one of these sources. */
  readonly onCall?: readonly string[];
  /** The hook that is asked about the request. */
  readonly ticket?: string;
  readonly forMs: number;
}
