// Answers a gate that records typed input: how the terminals of its session take what is typed, and whether rows of the screen are prompts for
// a secret. The gate decides what it keeps (gate/typed-input.ts).
//
// 1. Every terminal of every process in the session's cgroup counts, not the active pane alone: which pane that is, only tmux could say, and
//    its server is of the session account. So a prompt in one window keeps back what is typed in all of them meanwhile, and the marker says so.
//    It also finds what tmux does not know: the terminal that sudo makes (use_pty), script(1), a tmux inside tmux. Attack: somebody in the
//    session has another pane looked at than the one with the password.
// 2. A look begins after the question for it. Questions that come while one runs share the next. Accident: an answer from before the
//    key, when echo was still on.
// 3. Rows are matched here and not in the gate: patterns are RE2, which is linear in time, and the gate has no packages (config/pattern.ts).
import { matcherOf } from '../../config/pattern.ts';
import { sessionOf } from '../../core/policy.ts';
import type { Config } from '../../core/policy-types.ts';
import type { Tty, TtyLooks } from '../../adapters/tty-looks.ts';
import type { Look, Looked } from '../../wire/messages.ts';
import type { ConnectionState } from './connection.ts';
import type { SessionLookup } from './session-lookup.ts';

export interface TypedLooksDeps {
  readonly config: Config;
  readonly sessions: SessionLookup;
  readonly ttyLooks: TtyLooks;
}

/** Answers looks. */
export interface TypedLooks {
  /** Never throws; an answer without terminals where they could not be looked at. */
  answer(who: Pick<ConnectionState, 'session' | 'who'>, look: Look): Promise<Looked>;
}

/** The patterns of each session are compiled once for each policy. */
export function openTypedLooks(deps: TypedLooksDeps): TypedLooks {
  const matchers = new WeakMap<readonly string[], (row: string) => boolean>();
  const isPrompt = (session: string): ((row: string) => boolean) => {
    const prompts = sessionOf(deps.config, session)?.secretPrompts ?? none;
    const matcher = matchers.get(prompts) ?? matcherOf(prompts);
    matchers.set(prompts, matcher);
    return matcher;
  };
  const looks = openSharedLooks(deps.ttyLooks);
  return {
    answer: async ({ session, who }, { n, rows }) => {
      const cgroup = deps.sessions.find(session, who)?.server.cgroup.path;
      const ttys = cgroup === undefined ? undefined : await looks(cgroup);
      const prompts = rows.map(isPrompt(session));
      return { t: 'looked', n, ...(ttys === undefined ? {} : { ttys }), prompts };
    },
  };
}

const none: readonly string[] = [];

interface Running {
  readonly done: Promise<readonly Tty[] | undefined>;
  next?: Promise<readonly Tty[] | undefined>;
}

/** Rule 2. */
function openSharedLooks(ttys: TtyLooks): TtyLooks['at'] {
  const running = new Map<string, Running>();
  const begin = async (cgroup: string): Promise<readonly Tty[] | undefined> => {
    const mine: Running = { done: ttys.at(cgroup) };
    running.set(cgroup, mine);
    const found = await mine.done;
    if (running.get(cgroup) === mine) running.delete(cgroup);
    return found;
  };
  return async (cgroup) => {
    const now = running.get(cgroup);
    if (now === undefined) return begin(cgroup);
    now.next ??= now.done.then(async () => begin(cgroup));
    return now.next;
  };
}
