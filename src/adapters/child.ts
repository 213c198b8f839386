// What every child of the keeper begins with, and every tmux client: set, not inherited.
//
// 1. Limits, umask and the score for the killer of processes are those of a login, whoever started the keeper or the gate. Attack, or
//    accident: Node raises its own limit of open files to the highest there is, and what runs inside a session closes that many
//    descriptors one by one, or uses select(2) past its 1024; a login's own limits follow its gate into the client.
// 2. Signals need nothing here: libuv and node-pty give back the default of each and block none. Priority is the parent's own affair:
//    keeper and gate reset theirs at the start.

/** Soft limits alone: whoever needs more raises them, up to the hard ones of the unit (getrlimit(2)). A refused one stays as it was. */
const limits = 'for l in t f d v;do ulimit -S$l unlimited;done;ulimit -Sc 0;ulimit -Ss 8192;ulimit -Sn 1024';

/** Rule 1, as words for sh(1); what it starts then is `exec`ed after it. */
export const begin = (umask: '022' | '077'): string =>
  `umask ${umask};{ ${limits};echo 0 >/proc/self/oom_score_adj;} 2>/dev/null;`;
