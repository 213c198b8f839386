// The grammar of commands, as typed after `ssh prod-box` or on the host.
//
// 1. A command is parsed, never run: no shell, no expansion. Shell metacharacters are errors in a word and data in a reason (law 9).
//    Attack: a command that a shell would expand or run.
// 2. ssh joins its arguments with spaces, so quoting is lost: `--reason` comes last and takes the rest verbatim.
// 3. A parsed command prints to a text that parses to the same command, and a failed parse returns nothing of it. Attack: a text that
//    one reader understands differently from the next.
import { isSessionName } from '../core/ids.ts';
import {
  missingWords,
  needsValue,
  noReasonHere,
  notADuration,
  notADigest,
  notAName,
  notAPeriod,
  notASince,
  notPlainWord,
  takesNoValue,
  tooManyWords,
  unknownOption,
} from '../core/messages/commands.ts';
import { parsePeriod } from '../core/period.ts';
import type { RefusalNames } from '../core/refusal-text.ts';
import type { RefusalCode } from '../core/refusals.ts';
import { parseDuration, parseSince, spellDuration } from '../core/time.ts';
import { commandLimit } from './frames.ts';
import { isVerb, specOf, type Flag, type VerbName } from './verbs.ts';

/** A command, as `parseCommand` reads it. */
export interface Command {
  readonly verb: VerbName;
  readonly words: readonly string[];
  readonly json: boolean;
  /** `--all`: everyone, or every code, in place of one. */
  readonly all?: boolean;
  /** `--for`: milliseconds. */
  readonly forMs?: number;
  /** `--since`, as typed; `parseSince` of core/time.ts reads it. */
  readonly since?: string;
  readonly login?: string;
  readonly session?: string;
  readonly approver?: string;
  readonly csv?: boolean;
  /** `--view`: to view only, not to type. */
  readonly view?: boolean;
  /** `--force`: even if this host does not know the login. */
  readonly force?: boolean;
  /** `--period`, as typed; `parsePeriod` of core/period.ts reads it. */
  readonly period?: string;
  /** `--looked-at`: the SHA-256 of the listing that was looked at, hex. */
  readonly lookedAt?: string;
  /** `--follow`: a connection as it goes on. */
  readonly follow?: boolean;
  /** `--prepare`: only make the next key. */
  readonly prepare?: boolean;
  /** `--leaked`: the old key ends at once. */
  readonly leaked?: boolean;
  /** `--fleet`: of every host. */
  readonly fleet?: boolean;
  readonly reason?: string;
}

/** The command, or the refusal with the names for its sentence. */
export type Parsed = { readonly command: Command } | { readonly code: RefusalCode; readonly names: RefusalNames };

/** A word or a flag's value. It cannot begin with a dash: printed again, a name `--reason` would take the rest of the line. */
const word = /^[A-Za-z0-9_.:@+][A-Za-z0-9_.:@+-]{0,63}$/;
/** The word of `request`: a session on hosts (core/host-pattern.ts reads the rest). Pattern characters are data here, no shell sees them. */
const target = /^[A-Za-z][A-Za-z0-9_-]{0,31}@[A-Za-z0-9_.,*?=[\]-]{1,400}$/;
/** SHA-256 in hex. */
const digest = /^[0-9a-f]{64}$/;
/** Programs of file transfer and the like, which ssh clients start by themselves. */
const carriers = /^(?:scp|rsync|git-[a-z-]+|git|svnserve|sftp|internal-sftp|.*sftp-server|mosh-server)$/;
const reasonFlag = /(?:^|\s)--reason(?:\s+|=|$)/;

/** Parses a command; an empty one attaches. Never throws. */
export function parseCommand(text: string): Parsed {
  if (text.length > commandLimit) return { code: 'COMMAND_TOO_LONG', names: { max: commandLimit } };
  const { head, reason } = splitReason(text);
  const tokens = head.split(/[ \t]+/).filter((token) => token !== '' && token !== '--plain'); // the screen's (plain.ts)
  const [first, ...rest] = tokens;
  if (tokens.some((token) => token === '--help' || token === '-h')) return helpFor(first);
  if (first === undefined || first.startsWith('--')) return parseFlags('attach', tokens, reason);
  if (carriers.test(first)) return { code: 'NO_FILES', names: { word: first.replace(/^.*\//, '') } };
  if (isVerb(first)) return parseFlags(first, rest, reason);
  return parseShortAttach(first, tokens, reason);
}

/** `--help` anywhere before a reason: help for the verb, for `attach` after a session's name, else for everything. */
function helpFor(first: string | undefined): Parsed {
  const about = first === undefined || first.startsWith('-') || first === 'help' ? undefined : first;
  if (about !== undefined && !isVerb(about) && !isSessionName(about))
    return { code: 'NOT_A_VERB', names: { word: about } };
  const words = about === undefined ? [] : [isVerb(about) ? about : 'attach'];
  return { command: { verb: 'help', words, json: false } };
}

/**
 * A session's name alone: `ssh -t prod-box prod-db`. Anything else, such as `ls -la` or `uptime; id`, is NOT_A_VERB; but with a flag of
 * `attach`, a session was meant, and the refusal says what is wrong with the flag.
 */
function parseShortAttach(first: string, tokens: readonly string[], reason: string | undefined): Parsed {
  const parsed = isSessionName(first) ? parseFlags('attach', tokens, reason) : undefined;
  const meant = reason !== undefined || tokens.some((token) => /^--(?:for|view)(?:=|$)/.test(token));
  if (parsed !== undefined && ('command' in parsed || meant)) return parsed;
  return { code: 'NOT_A_VERB', names: { word: first } };
}

/** Splits off `--reason` and the rest of the line (rule 2). */
function splitReason(text: string): { head: string; reason: string | undefined } {
  const found = reasonFlag.exec(text);
  if (found === null) return { head: text, reason: undefined };
  return { head: text.slice(0, found.index), reason: text.slice(found.index + found[0].length).trim() };
}

interface Draft {
  words: string[];
  json: boolean;
  all?: boolean;
  forMs?: number;
  since?: string;
  login?: string;
  session?: string;
  approver?: string;
  csv?: boolean;
  view?: boolean;
  force?: boolean;
  period?: string;
  lookedAt?: string;
  follow?: boolean;
  prepare?: boolean;
  leaked?: boolean;
  fleet?: boolean;
}

function parseFlags(verb: VerbName, tokens: readonly string[], reason: string | undefined): Parsed {
  const {
    flags,
    words: [least, most],
  } = specOf(verb);
  const draft: Draft = { words: [], json: false };
  const left = [...tokens];
  for (let token = left.shift(); token !== undefined; token = left.shift()) {
    const read =
      verb === 'request' && target.test(token) ? take(draft, token) : readToken(draft, flags, token, left[0]);
    if ('problem' in read) return bad(read.problem);
    left.splice(0, read.used);
  }
  if (reason !== undefined && !flags.includes('reason')) return bad(noReasonHere(verb));
  if (draft.words.length < least) return bad(missingWords(verb, specOf(verb).usage));
  if (draft.words.length > most) return bad(tooManyWords(verb, specOf(verb).usage));
  return { command: { verb, ...draft, ...(reason === undefined ? {} : { reason }) } };
}

const bad = (problem: string): Parsed => ({ code: 'BAD_COMMAND', names: { problem } });

type TokenRead = { readonly used: 0 | 1 } | { readonly problem: string };

/** A flag other than `--reason`, which splitReason has taken already. */
type EarlyFlag = Exclude<Flag, 'reason'>;

/** A flag without a value. */
const switches = ['json', 'all', 'csv', 'view', 'force', 'follow', 'prepare', 'leaked', 'fleet'] as const;
type Switch = (typeof switches)[number];

const isSwitch = (flag: EarlyFlag): flag is Switch => switches.some((one) => one === flag);

const isEarly = (flag: Flag): flag is EarlyFlag => flag !== 'reason';

function readToken(draft: Draft, flags: readonly Flag[], token: string, next: string | undefined): TokenRead {
  if (!token.startsWith('-')) return readWord(draft, token);
  const [name, glued] = splitFlag(token);
  const flag = flags.filter(isEarly).find((known) => spelt(known) === name);
  if (flag === undefined) return { problem: unknownOption(name, flags.map(spelt)) };
  if (isSwitch(flag))
    return glued === undefined ? ((draft[flag] = true), { used: 0 }) : { problem: takesNoValue(flag) };
  const value = glued ?? next;
  if (value === undefined || value === '') return { problem: needsValue(name) };
  const problem = readValue(draft, flag, value);
  return problem === undefined ? { used: glued === undefined ? 1 : 0 } : { problem };
}

const spelt = (flag: Flag): string => `--${flag}`;

function splitFlag(token: string): [string, string | undefined] {
  const at = token.indexOf('=');
  return at < 0 ? [token, undefined] : [token.slice(0, at), token.slice(at + 1)];
}

function readWord(draft: Draft, token: string): TokenRead {
  return word.test(token) ? take(draft, token) : { problem: notPlainWord(token) };
}

function take(draft: Draft, token: string): TokenRead {
  draft.words.push(token);
  return { used: 0 };
}

function readValue(draft: Draft, flag: Exclude<EarlyFlag, Switch>, value: string): string | undefined {
  if (flag === 'for') {
    const ms = parseDuration(value);
    if (ms === undefined) return notADuration(value);
    draft.forMs = ms;
    return undefined;
  }
  if (flag === 'since') {
    if (parseSince(value, 0) === undefined) return notASince(value);
    draft.since = value;
    return undefined;
  }
  if (flag === 'period') {
    if (parsePeriod(value) === undefined) return notAPeriod(value);
    draft.period = value;
    return undefined;
  }
  if (flag === 'looked-at') {
    if (!digest.test(value)) return notADigest(value);
    draft.lookedAt = value;
    return undefined;
  }
  if (!word.test(value)) return notAName(value);
  draft[flag] = value;
  return undefined;
}

/** Prints a command so that it parses to the same command (rule 3). */
export function printCommand(command: Command): string {
  const parts: string[] = [command.verb, ...command.words];
  for (const flag of switches) if (command[flag] === true) parts.push(`--${flag}`);
  if (command.forMs !== undefined) parts.push('--for', spellDuration(command.forMs));
  if (command.since !== undefined) parts.push('--since', command.since);
  if (command.login !== undefined) parts.push('--login', command.login);
  if (command.session !== undefined) parts.push('--session', command.session);
  if (command.approver !== undefined) parts.push('--approver', command.approver);
  if (command.period !== undefined) parts.push('--period', command.period);
  if (command.lookedAt !== undefined) parts.push('--looked-at', command.lookedAt);
  if (command.reason !== undefined) parts.push('--reason', command.reason);
  return parts.join(' ');
}
