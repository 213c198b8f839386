// The messages of witnesses: in `status`, in alarms, and of `tmux-gate audit witnessed`.
import type { Contradiction } from '../tlog/witness.ts';

export const noWitness = 'no witness';

/** `1,204 records`; the numbers of a journal are long. */
export const recordsOf = (count: number): string =>
  `${count.toLocaleString('en-US')} ${count === 1 ? 'record' : 'records'}`;

/** What contradicts, in one sentence. */
const contradicting: Readonly<Record<Contradiction, (cosigned: string, shown: string) => string>> = {
  smaller: (cosigned, shown) => `${cosigned} were cosigned, and it shows ${shown}: it was cut or rolled back`,
  'other-root': (cosigned) => `it shows other ${cosigned} than those that were cosigned: it was changed or replaced`,
  'not-continued': (cosigned, shown) =>
    `the ${shown} that it shows do not continue the ${cosigned} that were cosigned: it was changed or replaced`,
};

export const contradictionOf = (problem: Contradiction, cosigned: number, shown: number): string =>
  contradicting[problem](recordsOf(cosigned), recordsOf(shown));

/** The alarm of a witness. @param log a host */
export const forkAlarm = (log: string, problem: Contradiction, cosigned: number, shown: number): string =>
  `FORK in the journal of ${log}: ${contradictionOf(problem, cosigned, shown)}`;
export const forkOver = (log: string): string => `the journal of ${log} continues what was cosigned again`;

/** The alarm of a host whose journal it is. */
export const contradictedBy = (witness: string, problem: string): string =>
  `the journal is not the one that witness ${witness} cosigned: ${problem}`;
export const moreThanHere = (cosigned: number, here: number): string => contradictionOf('smaller', cosigned, here);

export const awayAlarm = (witness: string, minutes: number, problem: string | undefined): string =>
  `witness ${witness} has not cosigned the journal for ${minutes} minutes${problem === undefined ? '' : `: ${problem}`}`;
export const backAgain = (witness: string): string => `witness ${witness} cosigns the journal again`;

/** What was wrong at a try. */
export const noAnswer = 'no answer';
export const wrongKey = 'its cosignature is not by the key that the policy names';
export const statusOf = (status: number): string => `it answered ${status}`;

/** A witness in `status` and `audit verify`. @param ago of its last cosignature, as text; undefined where there is none */
export const witnessLine = (name: string, cosigned: number, of: number, ago: string | undefined): string =>
  ago === undefined
    ? `${name} has cosigned nothing`
    : `${name} cosigned ${cosigned.toLocaleString('en-US')} of ${recordsOf(of)}, ${ago} ago`;

/** The part of `status`: forks first, then each witness. */
export const statusDetail = (forks: readonly string[], witnesses: readonly string[]): string =>
  forks.length + witnesses.length === 0 ? noWitness : [...forks, ...witnesses].join('; ');
export const fixFork = 'tmux-gate audit witnessed; docs/on-call.md, "Fork", says what it means';
export const fixWitness = 'is the witness running, and does it know this host? See docs/on-call.md, "Fork"';
export const withProblem = (line: string, problem: string): string => `${line} (${problem})`;

// `tmux-gate audit verify`. Names: witnesses with how long ago each cosigned, `tmux-gate/prod-web, 12s; ...`.
export const noWitnessAtAll = 'No witness: root of this host could change the journal, and nobody else would know.';
export const notCosignedYet = 'No witness has cosigned the journal yet.';
export const cosignedBy = (cosigned: number, of: number, names: string): string =>
  `Cosigned up to record ${cosigned.toLocaleString('en-US')} of ${of.toLocaleString('en-US')} (${names} ago).`;
export const cosignedOther = (cosigned: number, names: string): string =>
  `This is NOT the journal that was cosigned up to record ${cosigned.toLocaleString('en-US')} (${names} ago).`;

// `tmux-gate audit witnessed`.
export const nothingWitnessed = 'This host has cosigned no journal of another host.\n';
export const witnessedLine = (host: string, records: number, ago: string): string =>
  `${host}  ${recordsOf(records)} cosigned, the last ${ago} ago`;
/** A fork, and since when it is there. @param said a sentence of `contradictionOf` */
export const forkLine = (host: string, since: string, said: string): string => `${host}  FORK since ${since}: ${said}`;
export const notWitnessed = (host: string): string => `this host has cosigned nothing of ${host}`;
export const unreadableWitnessed = 'what this host has cosigned cannot be read';
export const onlyForWitnessed = (what: string): string => `audit ${what} takes no host`;
export const acceptOnlyWitnessed = 'only audit witnessed takes --accept, with a host';
export const acceptForkNeedsReason = 'a fork is accepted with a reason';
export const acceptForkUsage = (host: string): string =>
  `tmux-gate audit witnessed ${host} --accept --reason WHAT HAPPENED`;
export const noFork = (host: string): string => `the journal of ${host} does not contradict what was cosigned`;
export const forkAccepted = (by: string, host: string): string =>
  `Accepted by ${by}: the keeper cosigns the next checkpoint of ${host} as the first one, and journals this.\n`;
