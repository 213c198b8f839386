/** Exit codes: sysexits.h. */
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
