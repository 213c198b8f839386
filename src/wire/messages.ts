// The messages between gate (or CLI) and keeper: typed and of limited size; anything else refuses (law 1). docs/protocol.md has their
// order and meaning.
import { boolean, integer, list, object, oneOf, optional, parseJson, text, type Shape } from '../core/shape.ts';
import { act, dashboard, leave, type DashboardFrame, type DashboardKey } from './dashboard-messages.ts';
import { commandLimit, gateReads, keeperReads, pictureLimit } from './frames.ts';
import { pasteLimit } from './paste.ts';

export const protocolVersion = 1;

const id = text(16, /^[0-9A-Z]+$/);
const size = integer(1, 10_000);
const path = text(255, /^\//);

/** The first message. All of it is client claims (law 2), except uid and pid, which the kernel and sudo vouch for. */
const hello = object({
  t: oneOf('hello'),
  v: integer(),
  /** `visit` came through sshd; `local` is the CLI, run by root on the host. */
  kind: oneOf('visit', 'local'),
  uid: integer(0),
  login: text(64),
  loginuid: optional(integer(0)),
  pid: integer(1),
  command: text(commandLimit),
  /** The length in bytes of a command that is too long to send. */
  tooLong: optional(integer(1)),
  tty: boolean,
  cols: size,
  rows: size,
  term: text(64),
  utf8: boolean,
  /** Plain screen: no QR code, which a screen reader would read aloud. */
  plain: optional(boolean),
  address: text(128),
  /** The content of the file that SSH_USER_AUTH names (sshd_config(5), ExposeAuthInfo). */
  auth: text(32 * 1024),
  /** What the reader of recordings searches for; only the CLI sends it. */
  query: optional(text(400)),
  /** The request for whose answer this gate waited when an earlier keeper ended. */
  waits: optional(id),
});

const answer = object({ t: oneOf('answer'), n: integer(0), text: text(pasteLimit) });
const cancel = object({ t: oneOf('cancel') });
const attached = object({ t: oneOf('attached'), pid: integer(1) });
/** The tmux client is stopped. The keeper has to continue it, since the gate may not signal it. */
const stopped = object({ t: oneOf('stopped') });
const ended = object({
  t: oneOf('ended'),
  why: oneOf('detached', 'cut', 'idle', 'line', 'recording', 'quota', 'failed'),
  exit: integer(0, 255),
});
/**
 * How do the terminals of the session take what is typed, and which of these rows of the screen are prompts for a secret? Only a gate that
 * records typed input asks, and only a keeper that was asked sends `looked`, so that programs of two versions understand each other.
 */
const look = object({ t: oneOf('look'), n: integer(1), rows: list(text(200), 32) });
const rejoin = object({ t: oneOf('rejoin'), v: integer(), id, secret: text(64), pid: integer(1) });

/** The auditor's terminal has taken the last `picture` and has this size; sent as well when its size changes meanwhile. */
const shown = object({ t: oneOf('shown'), cols: size, rows: size });

export type Hello = NonNullable<ReturnType<typeof hello>>;
export type Rejoin = NonNullable<ReturnType<typeof rejoin>>;
export type Shown = NonNullable<ReturnType<typeof shown>>;
export type FromGate =
  | Hello
  | NonNullable<ReturnType<typeof answer>>
  | NonNullable<ReturnType<typeof cancel>>
  | NonNullable<ReturnType<typeof attached>>
  | NonNullable<ReturnType<typeof stopped>>
  | NonNullable<ReturnType<typeof ended>>
  | NonNullable<ReturnType<typeof look>>
  | Shown
  | DashboardKey
  | Rejoin;

/** A JSON listing is one long line, so only the message as a whole is limited, by `gateReads`. */
const lines = list(text(gateReads), 5000);
const end = integer(0);
/** Which input reaches the session: all, none for now (dropped, not kept), or none ever. */
const rule = oneOf('pass', 'held', 'never');
/** Milliseconds without a keystroke, until the warning and until the disconnect. */
const idle = object({ warn: integer(1), end: integer(1) });

const say = object({ t: oneOf('say'), to: oneOf('out', 'note'), lines });
/** `choice`: a short answer; empty: the usual one. `paste`: a long secret text, never echoed. Both are answered without a terminal too. */
const kind = oneOf('choice', 'paste');
/** A question. `n` numbers it and its answer; `hide`: what is typed does not stay on the screen. */
const ask = object({
  ...{ t: oneOf('ask'), n: integer(0), prompt: text(500) },
  ...{ hide: optional(boolean), kind: optional(kind) },
});
/** A spinner, until an instant (ms). `request`: for whose answer it waits; with it a gate may come back to the next keeper. */
const wait = object({ t: oneOf('wait'), text: text(500), until: optional(end), request: optional(id) });
/** Ends the spinner. */
const calm = object({ t: oneOf('calm') });
const bell = object({ t: oneOf('bell') });
const refuse = object({ t: oneOf('refuse'), code: text(40), exit: integer(0, 255), say: text(1000), hint: text(1000) });
const done = object({ t: oneOf('done'), exit: integer(0, 255) });
/** Lets the visit in: all that the relay needs. */
const go = object({
  t: oneOf('go'),
  id,
  secret: text(64),
  /** The absolute end of the window: instant, milliseconds. */
  end,
  host: text(64),
  session: text(32),
  /** The session account, which the tmux client runs as; and the service account, which the gate becomes. */
  account: object({ name: text(64), uid: integer(1), gid: integer(1) }),
  service: object({ uid: integer(1), gid: integer(1) }),
  cgroup: path,
  client: list(text(255), 64),
  term: text(64),
  utf8: boolean,
  recording: path,
  /** The most bytes that the recording may have. */
  quota: integer(1),
  recordInput: boolean,
  input: rule,
  idle: optional(idle),
  /** The window cannot be extended (break-glass). */
  fixed: optional(boolean),
  /** What the gate prints when the window ends. */
  expired: lines,
});
const deadline = object({ t: oneOf('deadline'), end, expired: lines });
const input = object({ t: oneOf('input'), rule });
/**
 * One terminal (its number in /dev/pts): `raw`; in line mode with echo, with something that was typed and not read yet (`unread`) or without
 * (`line`); in line mode without echo (`hidden`).
 */
const tty = object({ tty: integer(0), is: oneOf('raw', 'line', 'unread', 'hidden') });
/** The answer to the `look` of this number; without `ttys`, the keeper could not look. */
const looked = object({
  t: oneOf('looked'),
  n: integer(1),
  ttys: optional(list(tty, 256)),
  prompts: list(boolean, 32),
});
/** What an auditor's terminal prints of a live connection (keeper/recordings/drawer.ts); the next one comes after `shown`. */
const picture = object({ t: oneOf('picture'), text: text(pictureLimit) });
/** Ends the connection at once; the gate prints the lines and exits with this code. */
const cut = object({ t: oneOf('cut'), lines, exit: integer(0, 255) });

export type Go = NonNullable<ReturnType<typeof go>>;
export type InputRule = Go['input'];
export type AskKind = NonNullable<ReturnType<typeof kind>>;
export type TtyState = NonNullable<ReturnType<typeof tty>>;
export type Looked = NonNullable<ReturnType<typeof looked>>;
export type Look = NonNullable<ReturnType<typeof look>>;
export type ToGate =
  | NonNullable<ReturnType<typeof say>>
  | NonNullable<ReturnType<typeof ask>>
  | NonNullable<ReturnType<typeof wait>>
  | NonNullable<ReturnType<typeof calm>>
  | NonNullable<ReturnType<typeof bell>>
  | NonNullable<ReturnType<typeof refuse>>
  | NonNullable<ReturnType<typeof done>>
  | Go
  | NonNullable<ReturnType<typeof deadline>>
  | NonNullable<ReturnType<typeof input>>
  | NonNullable<ReturnType<typeof looked>>
  | NonNullable<ReturnType<typeof picture>>
  | NonNullable<ReturnType<typeof cut>>
  | DashboardFrame;

const fromGate = { hello, answer, cancel, attached, stopped, ended, look, rejoin, shown, act, leave } as const;
const toGate = {
  say,
  ask,
  wait,
  calm,
  bell,
  refuse,
  done,
  go,
  deadline,
  input,
  looked,
  picture,
  cut,
  dashboard,
} as const;

function byType<T>(table: Readonly<Record<string, Shape<unknown>>>): Shape<T> {
  return (value) => {
    const t = (value as { t?: unknown } | null)?.t;
    if (typeof t !== 'string' || !Object.hasOwn(table, t)) return undefined;
    return table[t]?.(value) as T | undefined;
  };
}

const fromGateShape = byType<FromGate>(fromGate);
const toGateShape = byType<ToGate>(toGate);

/** Reads a line from a gate or the CLI; undefined when it is not a message. */
export function readFromGate(json: string): FromGate | undefined {
  return parseJson(json, fromGateShape, keeperReads);
}

/** Reads a line from the keeper; undefined when it is not a message. */
export function readToGate(json: string): ToGate | undefined {
  return parseJson(json, toGateShape, gateReads);
}

/** The message as a line, with its line end. */
export function writeMessage(message: FromGate | ToGate): string {
  return `${JSON.stringify(message)}\n`;
}
