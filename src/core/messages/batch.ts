// The messages of `request`, and of a request for several hosts as its reviewers read it. Every text that a person wrote is filtered again when
// it is shown (law 9); lists of hosts are folded (core/host-pattern.ts).
import { foldHosts, mostHosts, type PatternFault } from '../host-pattern.ts';
import { personName } from '../person-name.ts';
import type { Person } from '../request.ts';
import { sanitizeLine } from '../text.ts';
import { formatClock, formatDuration, formatInstant } from '../time.ts';
import { typesNothing } from './request.ts';

/** Names of hosts where none may be left out: somebody decides about each of them. */
const allHosts = (hosts: readonly string[]): string => sanitizeLine(foldHosts(hosts).replaceAll(',', ', '), 20_000);

/** Names of hosts on a screen. */
export const hostsSaid = (hosts: readonly string[]): string => sanitizeLine(foldHosts(hosts), 300);

/** "1 host", "38 hosts". */
export const countOfHosts = (count: number): string => `${count} ${count === 1 ? 'host' : 'hosts'}`;

/** Hosts on which the same is asked for. */
export interface AskedOn {
  readonly hosts: readonly string[];
  readonly account: string;
  /** Of the person there. */
  readonly login: string;
  /** Milliseconds. */
  readonly durationMs: number;
}

/** A request for several hosts, as it is shown. */
export interface BatchShown {
  readonly who: Person;
  readonly address: string;
  readonly session: string;
  readonly reason: string;
  readonly mode?: 'view';
  /** Instant, milliseconds. */
  readonly requestedAt: number;
  /** The host where it was asked for. */
  readonly askedOn: string;
  readonly on: readonly AskedOn[];
  /** What is missing, a line each. */
  readonly notOn: readonly string[];
}

/** The whole request, a fact a line, in the form of that for one host (messages/request.ts). */
export function batchLines(shown: BatchShown): readonly string[] {
  const session = sanitizeLine(shown.session, 32);
  const on = shown.on.map(({ hosts, account, login, durationMs }) => {
    const theirs = login === shown.who.login ? '' : ` (there: ${sanitizeLine(login, 64)})`;
    return `  Session   ${session} on ${allHosts(hosts)}, as ${sanitizeLine(account, 64)}${theirs}, for ${formatDuration(durationMs)}`;
  });
  return [
    `  Who       ${personName(shown.who)}`,
    `  From      ${sanitizeLine(shown.address, 64)} (unverified)`,
    ...on,
    `  Reason    ${sanitizeLine(shown.reason, 400)}`,
    ...(shown.mode === undefined ? [] : [`  Mode      ${typesNothing}`]),
    ...shown.notOn.map(notOnLine),
    `  Asked     ${formatInstant(shown.requestedAt)} on ${sanitizeLine(shown.askedOn, 64)}`,
  ];
}

export const notOnLine = (said: string): string => `  Not on    ${said}`;

/** In place of the lines for which a dashboard has no room. */
export const approveShowsAll = '  There is more: approving shows all of it before the sign-in.';

/** The heading. @param verdict what the reader is about to decide, if they are a reviewer */
export function batchHead(id: string, hosts: number, verdict?: 'approve' | 'deny'): string {
  const what = `request ${id} for ${countOfHosts(hosts)}`;
  return verdict === undefined ? `  ${what.replace(/^r/, 'R')}` : `  You are about to ${verdict.toUpperCase()} ${what}`;
}

/** Why a host does not take a request. */
export interface Refusal {
  readonly says: string;
  readonly code: string;
  readonly hint: string;
}

/** Hosts that gave the same reason for not taking the request. */
export const refusedThere = (hosts: readonly string[], { says, code, hint }: Refusal): string =>
  `${hostsSaid(hosts)}: ${sanitizeLine(says, 200)} [${sanitizeLine(code, 32)}]${hint === '' ? '' : ` (${sanitizeLine(hint, 200)})`}`;

/** Hosts that have not answered. */
export const silentThere = (hosts: readonly string[]): string =>
  `${hostsSaid(hosts)}: no answer. A host that answers later makes a request of its own, which needs its own approval.`;

export const whoReviews = '  Needs     approvers of each of these hosts';

export const askingHosts = (count: number): string => `Asking ${countOfHosts(count)}`;

/** What became of the request at some hosts, a line each. */
export const batchEnds = {
  /** @param end instant, ms */
  approved: (hosts: readonly string[], end: number, by: string): string =>
    `Approved on ${hostsSaid(hosts)} until ${formatClock(end)}, by ${by}.`,
  denied: (hosts: readonly string[], by: string, reason: string): string =>
    `Denied on ${hostsSaid(hosts)}${by === '' ? '' : ` by ${by}`}${reason === '' ? '.' : `: ${reason}`}`,
  withdrawn: (hosts: readonly string[]): string => `Withdrawn on ${hostsSaid(hosts)}.`,
  lapsed: (hosts: readonly string[]): string =>
    `Approved on ${hostsSaid(hosts)}, but by then you might no longer ask for it.`,
  over: (hosts: readonly string[]): string => `Access to ${hostsSaid(hosts)} was given, and has ended again.`,
  pending: (hosts: readonly string[]): string =>
    `Nobody answered for ${hostsSaid(hosts)} in time. Call whoever is on call, then ask again.`,
  refused: (hosts: readonly string[], refusal: Refusal): string => `Not on ${refusedThere(hosts, refusal)}`,
  silent: (hosts: readonly string[]): string =>
    `No answer from ${hostsSaid(hosts)}: the keeper there is away, or does not trust this host. Ask there: ssh -t HOST`,
};

/** How to come in. @param host one of those that are open */
export const openLine = (host: string, session: string): string =>
  `Connect:  ssh -t ${sanitizeLine(host, 64)} ${sanitizeLine(session, 32)}`;

/** Why a grant of a batch ends that its person had taken back. */
export const takenBack = 'whoever asked for it had taken it back';

/** A request was taken back. */
export const withdrew = (id: string): string => `Withdrawn: ${id}.`;

/** In the sentence of BAD_COMMAND. */
export const askedElsewhere = (id: string, host: string): string =>
  `${id} was asked for on ${sanitizeLine(host, 64)}. Type: ssh ${sanitizeLine(host, 64)} withdraw ${id}`;

/** The reviews of a batch were sent to hosts that decide. */
export const batchDecidedElsewhere = (id: string, hosts: readonly string[]): string =>
  `Your review of ${id} was sent to ${hostsSaid(hosts)}, ${hosts.length === 1 ? 'which decides' : 'which decide'}.`;

/** Whoever revokes has no right to the grants of some hosts, as far as this host knows. */
export const notEndedThere = (hosts: readonly string[], id: string): string =>
  `${hostsSaid(hosts)}: NOT revoked, since you neither have nor approved that access. Type it there: ssh HOST revoke ${id}`;

/** The same result for several hosts. @param line of one of them */
export const onHosts = (hosts: readonly string[], line: string): string => `${hostsSaid(hosts)}: ${line}`;

/** What is wrong with a command, in the sentence of BAD_COMMAND. */
export const batchProblems = {
  target: (word: string): string =>
    `"${word.slice(0, 60)}" names no session on hosts. Type: request SESSION@HOST, with hosts such as web-01,web-02 or web-[01-40]`,
  noReason: 'A request needs --reason, at the end of the line',
};

const faults: Readonly<Record<PatternFault['fault'], (at: string) => string>> = {
  form: (at) => `"${at}" is no pattern of hosts. Type names, web-[01-40], web-* or a label such as role=web`,
  unknown: (at) => `This host knows no host "${at}". It knows itself and the peers that its policy names`,
  none: (at) => `No host that this one knows fits "${at}"`,
  many: (at) => `"${at}" names more than ${mostHosts} hosts`,
};

/** Why a pattern names no hosts, in the sentence of BAD_COMMAND. */
export const patternProblem = ({ fault, at }: PatternFault): string => faults[fault](sanitizeLine(at, 64));
