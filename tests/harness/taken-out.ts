// Guards that several attacks name, and how each is taken out.
import type { Guard } from './attack.ts';
import type { Mutation } from './mutate.ts';

/** Without it, a person's tmux client would be root for the session's server (docs/threats.md, C1 and C2). */
export const clientAsRoot: Guard = {
  what: "a person's client is the session account's",
  mutations: [
    {
      file: 'keeper',
      piece: 'client: asAccount(',
      becomes: `client: ((account, procs, argv) => ["/bin/sh", "-c", 'echo 0 > "$1"; shift; exec "$@"', "sh", procs, ...argv])(`,
    },
  ],
};

/** The keeper neither tells a gate to end nor kills one that stays; what is left is the gate's reaction to its closed pty. */
export const keeperNeverCuts: readonly Mutation[] = [
  { file: 'keeper', piece: 'if (connection.entered) conversation?.cut(', becomes: 'if (false) conversation?.cut(' },
  { file: 'keeper', piece: 'if (await isSame(pid, startTime)) await killSame(', becomes: 'if (false) await killSame(' },
];

/** The processes of a connection get a TERM and no more. */
export const connectionByTerm: Mutation = {
  file: 'keeper',
  piece: 'await Promise.allSettled([\n    cgroup.end(',
  becomes: 'await Promise.allSettled([\n    (async () => (await cgroup.signal("SIGTERM"), []))(',
};
