// Sets the limits, umask and OOM score of each child of the keeper, and of each tmux client, instead of letting them be inherited.
//
// 1. They are those of a login, whoever started the keeper or the gate. Attack or accident: Node raises its own limit of open files to
//    the maximum, and programs in a session then close that many descriptors one by one, or use select(2) beyond its 1024; or the limits
//    of a login reach the tmux client through its gate.
// 2. Signals are not set here: libuv and node-pty reset each to its default and block none. Nor is the priority: keeper and gate reset
//    their own at the start.

/**
 * Soft limits only: a program may raise them up to the hard ones of the unit (getrlimit(2)). A limit that cannot be set stays as it was.
 */
const limits = 'for l in t f d v;do ulimit -S$l unlimited;done;ulimit -Sc 0;ulimit -Ss 8192;ulimit -Sn 1024';

/** The commands for sh(1) that set all this (rule 1); put the program to `exec` after them. */
export const begin = (umask: '022' | '077'): string =>
  `umask ${umask};{ ${limits};echo 0 >/proc/self/oom_score_adj;} 2>/dev/null;`;
