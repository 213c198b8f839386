// A live connection, and the part of it that a file of root's keeps for the next keeper.
import type { CgroupHandle } from '../../adapters/cgroup-handle.ts';
import { ruleShape } from '../../core/grant.ts';
import { personShape } from '../../core/request.ts';
import { object, text, list, optional, integer, oneOf } from '../../core/shape.ts';
import type { Conversation } from '../conversation.ts';
import type { InputRule } from '../../wire/messages.ts';
import type { EventFields } from '../../core/events/events.ts';
import type { OwedOf } from '../../core/owed.ts';
import type { Layout } from '../../wire/layout.ts';

export interface ConnectionDeps {
  readonly layout: Layout;
}

const stateShape = object({
  id: text(16),
  session: text(32),
  who: personShape,
  address: text(128),
  fingerprint: text(128),
  grant: text(16),
  request: text(16),
  reason: text(1000),
  approvers: list(personShape, 10),
  auto: optional(ruleShape),
  recording: text(255),
  since: integer(0),
  end: integer(0),
  /** SHA-256 of the secret with which only this gate can come back after a restart of the keeper. */
  secret: text(64),
  gate: object({ pid: integer(1), startTime: integer(0) }),
  /** `view` for a connection that only views; missing for one that types. */
  mode: optional(oneOf('view')),
  /**
   * `approver` for one that views under another person's grant, which its own person approved; missing for one under a grant of its own.
   */
  as: optional(oneOf('approver')),
  /** The rules of the policy by which this person was an approver of the session when they came. */
  approves: optional(list(text(400), 500)),
});

/** Reads the state file of a connection. */
export const connectionShape = stateShape;

/** A connection as its state file has it; instants are milliseconds since the epoch. */
export type ConnectionState = NonNullable<ReturnType<typeof stateShape>>;

/** A connection as the running keeper knows it. */
export interface Connection {
  /** `grant` in it is the one that ends last, so it is the one to name in `revoke`. */
  state: ConnectionState;
  readonly cgroup: CgroupHandle;
  /** The gate's conversation; undefined between the keeper's restart and the gate's return. */
  conversation: Conversation | undefined;
  /** Resolves when the gate comes back; undefined unless that is awaited. */
  readonly returning: PromiseWithResolvers<Conversation> | undefined;
  /** False until "go". Before that, the gate has no pty and takes no end; its visit tells it why it was refused. */
  entered: boolean;
  /** Whether the record `connected` is written. Without it, no end is recorded either. */
  begun: boolean;
  /** Its deadline: milliseconds since the epoch. */
  end: number;
  /** The rule for the person's keys that the gate was last told. */
  input: InputRule;
  /** The last reminder that the session's status line showed: milliseconds before the end. */
  reminded: number;
  /** Set once an end has begun; resolves when nothing is left of the connection. */
  over: Promise<void> | undefined;
  /** What the gate is told of the end, also if it comes back only then. */
  farewell: EndOfConnection | undefined;
}

/** Why a connection ends, and what its person and gate are told. */
export interface EndOfConnection {
  readonly why: string;
  /** Last lines on the person's screen; none when nobody is there to read them. */
  readonly lines: readonly string[];
  readonly exit: number;
}

/** The record `disconnected`, which the journal is owed from the beginning of a connection on. */
export function endOf(
  { id, session, who, grant }: ConnectionState,
  more: Partial<EventFields<'disconnected'>> = {},
): OwedOf<'disconnected'> {
  const is = { connection: id };
  return {
    event: 'disconnected',
    is,
    began: 'connected',
    facts: { ...is, session, login: who.login, identity: who, grant, ...more },
  };
}

/** The state file of a connection. */
export function connectionPath(deps: ConnectionDeps, id: string): string {
  return `${deps.layout.connections}/${id}.json`;
}
