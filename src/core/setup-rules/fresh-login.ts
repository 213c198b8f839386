// Whether whoever confirms a change has just logged in by ssh: the proof that the admin is not locked out.
//
// 1. What counts is what the kernel says: which processes started this one, their programs and start times (proc(5)). What is typed
//    proves nothing. Accident: the code is typed in a login that was there before, and no new one is possible.
// 2. The connection began after the change. Its sshd processes are those between this process and the one that listens. Accident: a
//    multiplexed connection (ControlMaster), or one that was accepted before sshd read its new configuration.
// 3. Where the kernel keeps audit sessions, it is a login of its own. Accident: an sshd that somebody started inside the old login.

/** A process from which this one descends. */
export interface Ancestor {
  /** The path of its program (/proc/PID/exe). */
  readonly program: string;
  /** Clock ticks since boot. */
  readonly start: number;
  /** Whether it has a TCP socket that listens. */
  readonly isListening: boolean;
}

export interface Claimed {
  /** The nearest first. */
  readonly ancestors: readonly Ancestor[];
  /** The audit session of this process; undefined where there is none. */
  readonly session: number | undefined;
}

export interface Changed {
  /** When the change was whole: clock ticks since boot. */
  readonly changedAt: number;
  /** The audit session that made it; undefined where there is none. */
  readonly session: number | undefined;
}

/** sshd, and from OpenSSH 9.8 on the program of each connection. */
const sshd = /\/sshd(?:-session|-auth)?(?: \(deleted\))?$/;

/** Why a login does not prove that new logins are possible; undefined when it does (rules 1 to 3). */
export function loginFault(
  { ancestors, session }: Claimed,
  changed: Changed,
): 'no-ssh' | 'old-login' | 'same-login' | undefined {
  const [nearest, ...further] = ancestors.filter(({ program }) => sshd.test(program));
  if (nearest === undefined) return 'no-ssh';
  const isFresh = ({ start }: Ancestor): boolean => start > changed.changedAt;
  if (!isFresh(nearest) || further.some((one) => !isFresh(one) && !one.isListening)) return 'old-login';
  return session !== undefined && session === changed.session ? 'same-login' : undefined;
}
