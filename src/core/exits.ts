/** Exit codes of refusals, as in sysexits.h; `interrupted` is 128 + SIGINT, as shells have it. */
export const exits = {
  usage: 64,
  data: 65,
  unavailable: 69,
  internal: 70,
  os: 71,
  tempfail: 75,
  noperm: 77,
  config: 78,
  interrupted: 130,
} as const;

/** Exit codes of the commands of the host, which also read and write files. */
export const commandExits = { ...exits, noInput: 66, cantCreate: 73, ioError: 74 } as const;
