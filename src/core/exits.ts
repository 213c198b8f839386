/** Exit codes, as in sysexits.h; `interrupted` is 128 + SIGINT, as shells have it. */
export const exits = {
  usage: 64,
  data: 65,
  unavailable: 69,
  internal: 70,
  os: 71,
  tempfail: 75,
  noperm: 77,
  interrupted: 130,
} as const;
