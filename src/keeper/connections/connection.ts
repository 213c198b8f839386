// A live connection: what is known of it, and what of that is kept in root's own file for the next keeper.
import type { CgroupHandle } from '../../adapters/cgroup-handle.ts';
import { ruleShape } from '../../core/grant.ts';
import { personShape } from '../../core/request.ts';
import { object, text, list, optional, integer, oneOf } from '../../core/shape.ts';
import type { Conversation } from '../conversation.ts';
import type { InputRule } from '../../wire/messages.ts';
import type { Facts, Owed } from '../../core/owed.ts';
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
  /** SHA-256 of the secret with which this gate, and no other, reports back after a restart. */
  secret: text(64),
  gate: object({ pid: integer(1), startTime: integer(0) }),
  /** Looks on alone; left out: types. */
  mode: optional(oneOf('view')),
  /** Under somebody else's grant, as whoever approved it; left out: under a grant of their own. */
  as: optional(oneOf('approver')),
  /** The rules of the policy by which they were an approver of the session when they came. */
  approves: optional(list(text(400), 500)),
});

export const connectionShape = stateShape;

export type ConnectionState = NonNullable<ReturnType<typeof stateShape>>;

export interface Connection {
  /** Its grant is the one that ends last: what `revoke` must name. */
  state: ConnectionState;
  readonly cgroup: CgroupHandle;
  /** The gate's socket; undefined between a keeper's restart and the gate's return. */
  conversation: Conversation | undefined;
  /** That return, where it is waited for. */
  readonly returning: PromiseWithResolvers<Conversation> | undefined;
  /** False until "go": such a gate has no pty, understands no end, and is told by its visit why it was refused. */
  entered: boolean;
  /** Whether the record that it began is written: one that did not begin has no end. */
  begun: boolean;
  end: number;
  /** What its gate was last told of the person's keys. */
  input: InputRule;
  /** The last reminder that the session's status showed: milliseconds before the end. */
  reminded: number;
  over: Promise<void> | undefined;
  /** Once an end has begun: what its gate is told, also one that only now comes back. */
  farewell: EndOfConnection | undefined;
}

export interface EndOfConnection {
  readonly why: string;
  /** Last lines on the person's screen; none when there is nobody to read them. */
  readonly lines: readonly string[];
  readonly exit: number;
}

/** The record that is owed for a connection from its beginning on. */
export function endOf({ id, session, who, grant }: ConnectionState, more: Facts = {}): Owed {
  const is = { connection: id };
  return {
    event: 'disconnected',
    is,
    began: 'connected',
    facts: { ...is, session, login: who.login, identity: who, grant, ...more },
  };
}

export function connectionPath(deps: ConnectionDeps, id: string): string {
  return `${deps.layout.connections}/${id}.json`;
}
