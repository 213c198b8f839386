// The messages of `probe`; those of each attempt are with the attempt (src/cli/probe).
export const keyUnchecked =
  'warning: the key of the host is not checked; anybody on the way could answer in its place\n';
export const passphraseOf = (path: string): string => `Passphrase of ${path}: `;

export const headFacts = (facts: {
  readonly host: string;
  readonly port: number;
  readonly server: string;
  readonly hostKey: string;
  readonly login: string;
}): readonly string[] => [
  `Host      ${facts.host}:${facts.port} (${facts.server})`,
  `Key       ${facts.hostKey}`,
  `Login     ${facts.login}`,
];

export const columnHeads = { verdict: 'VERDICT', id: 'ID', answer: 'TRIED: ANSWER' } as const;
export const triedAndSeen = (tried: string, saw: string): string => `${tried}: ${saw}`;

export interface Counts {
  readonly all: number;
  readonly refused: number;
  readonly open: number;
  readonly unknown: number;
}

export function summary({ all, refused, open, unknown }: Counts): string {
  return `${all} tried: ${refused} refused, ${open} OPEN, ${unknown} unknown. ${verdictOf(open, unknown)}`;
}

function verdictOf(open: number, unknown: number): string {
  if (open > 0) return 'There are ways in beside the gate.';
  return unknown > 0 ? 'Not all of it could be tried.' : 'The gate is the only way in.';
}

/** A remedy. @param ids the attempts that need it */
export const fixLine = (remedy: string, ids: readonly string[]): string => `Fix       ${remedy} (${ids.join(', ')})`;
