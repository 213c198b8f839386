// Guards that more than one attack meets, taken out.
import type { Guard } from './attack.ts';
import type { Mutation } from './mutate.ts';

/** Threats C1, C2: whoever is attached would be root to the session's server. */
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

/** The keeper neither tells a gate to cut nor kills one that stays: what is left is the gate's reaction to its pty. */
export const keeperNeverCuts: readonly Mutation[] = [
  { file: 'keeper', piece: 'if (connection.entered) conversation?.cut(', becomes: 'if (false) conversation?.cut(' },
  { file: 'keeper', piece: 'if (await isSame(pid, startTime)) await killSame(', becomes: 'if (false) await killSame(' },
];

/** A client that stays, or what it became, gets a TERM and no more. */
export const connectionByTerm: Mutation = {
  file: 'keeper',
  piece: 'await Promise.allSettled([\n    cgroup.end(',
  becomes: 'await Promise.allSettled([\n    (async () => (await cgroup.signal("SIGTERM"), []))(',
};
