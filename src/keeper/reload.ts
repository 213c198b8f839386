// Takes another policy while the keeper runs: `tmux-gate reload`, `systemctl reload tmux-gate`, SIGHUP.
//
// 1. The same checks as at a start and as `policy check` makes, and all problems at once. What is refused changes nothing: the policy in force stays
//    (law 1 shuts nobody out because of a typing error). Accident: an editor saves half a file, and the host runs with half of its rules.
// 2. What only a start can take (config/changes.ts) is refused by its name, with all the rest. Accident: a host that is half renamed.
// 3. Everything that can fail is made first (compose-policy.ts); then the journal has the text and its digest (law 7); then policy and parts are
//    exchanged in one turn of the event loop, in which the live connections are judged (judge-anew.ts). A keeper that dies before has changed
//    nothing but the journal; one that dies after is followed by one that starts with the new file. Attack: somebody attaches under a rule that no
//    record names.
// 4. The record `policy-reloaded` closes it. A record between `policy` and it can be of a decision that was under way.
// 5. One reload at a time, and each reads the file after it was asked for. Accident: the answer to the second admin is about the file of the first.
// 6. The secrets in files that the policy names count as part of it: with the same text and another secret, it is taken too.
import { sha256 } from '../adapters/sha256.ts';
import type { Journal } from '../adapters/journal/journal.ts';
import type { Log } from '../adapters/log.ts';
import { accountByName } from '../adapters/accounts.ts';
import { changesBetween, needsRestart, type PolicyChange } from '../config/changes.ts';
import { loadPolicy, loudOptions, type Policy } from '../config/load.ts';
import { ConfigError, formatProblem, type Problem } from '../config/problem.ts';
import { missingAccounts } from '../config/session-accounts.ts';
import { policyRecords } from '../core/policy-record.ts';
import type { Config } from '../core/policy-types.ts';
import { sanitizeLine } from '../core/text.ts';
import { reservedNames } from '../wire/verbs.ts';
import type { PolicyInForce } from './state/policy.ts';

/** How much ended by another policy. */
export interface Judged {
  readonly connections: number;
  readonly sessions: number;
  readonly requests: number;
}

export interface ReloadDeps {
  readonly policy: PolicyInForce;
  readonly layout: { readonly config: string };
  readonly journal: Pick<Journal, 'write'>;
  readonly log: Pick<Log, 'info' | 'warn' | 'error'>;
  now(): number;
  oneByOne<T>(name: string, task: () => Promise<T>): Promise<T>;
  /** Reads and checks the file. @throws ConfigError with every problem */
  load(): Promise<Policy>;
  /** Makes what is made from a policy. @returns exchanges it, in one turn @throws Error */
  prepare(config: Config): Promise<() => void>;
  /** Judges what is live, in the turn in which it is called. Never rejects. @param before the policy before */
  judgeAnew(before: Config): Promise<Judged>;
}

/** What came of a reload. */
export type Reloaded =
  | { readonly state: 'unchanged' }
  | { readonly state: 'taken'; readonly changes: readonly PolicyChange[]; readonly ended: Judged }
  | { readonly state: 'invalid'; readonly text: string; readonly problems: readonly Problem[] }
  | { readonly state: 'needs-restart'; readonly keys: readonly string[] };

export interface Reload {
  /** @param by who asked, for the journal @throws Refused JOURNAL_DOWN, JOURNAL_CHANGED: then nothing was changed */
  now(by: string): Promise<Reloaded>;
}

/** Reads the policy as a reload does. @throws ConfigError */
export async function loadForReload(path: string): Promise<Policy> {
  const policy = await loadPolicy(path, { reservedNames });
  const missing = await missingAccounts(policy.config, accountByName);
  if (missing.length > 0) throw new ConfigError(missing, path);
  return policy;
}

export function openReload(deps: ReloadDeps): Reload {
  return {
    now: async (by) =>
      deps.oneByOne('reload', async () => {
        const result = await reload(deps, by);
        const { state } = result;
        const isRefused = state === 'invalid' || state === 'needs-restart';
        deps.policy.noteRefused(isRefused ? state : undefined);
        if (isRefused) await noteRefusal(deps, by, result);
        else deps.log.info('policy-reload', { state, by });
        return result;
      }),
  };
}

/** Rules 1 to 4, and 6. */
async function reload(deps: ReloadDeps, by: string): Promise<Reloaded> {
  const before = deps.policy.loaded();
  try {
    const next = await deps.load();
    const keys = needsRestart(before, next);
    if (keys.length > 0) return { state: 'needs-restart', keys };
    const changes = changesBetween(before, next);
    if (changes.length === 0 && next.text === before.text) return { state: 'unchanged' };
    const exchange = await prepared(deps, next);
    const digest = sha256(next.text);
    const parts = policyRecords(next.text, digest, 'reload');
    await Promise.all(parts.map(async (part) => deps.journal.write('policy', part)));
    deps.policy.take(next);
    exchange();
    const judged = deps.judgeAnew(before.config); // nothing may be awaited between these three (rule 3)
    for (const option of loudOptions(next.config)) deps.log.warn('insecure-option', { option });
    const ended = await judged;
    await noteTaken(deps, { by, sha256: digest, changed: changes.slice(0, mostNamed).map(spelt), ...ended });
    return { state: 'taken', changes, ended };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { state: 'invalid', text: error.message, problems: error.problems };
  }
}

/** A file that could be read a moment ago, and now cannot, is a problem of the policy like any other. @throws ConfigError */
async function prepared(deps: ReloadDeps, { config }: Policy): Promise<() => void> {
  try {
    return await deps.prepare(config);
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    throw new ConfigError([{ path: '', problem: sanitizeLine(said, longestProblem) }], deps.layout.config);
  }
}

/** In one record, with each key or problem on a line of it. */
const mostNamed = 40;
const longestProblem = 300;

const spelt = ({ key, how }: PolicyChange): string => `${how}: ${key}`;

/** The policy is in force already; only this record is missing. */
async function noteTaken(
  { journal, log }: ReloadDeps,
  facts: Judged & { readonly by: string; readonly sha256: string; readonly changed: readonly string[] },
): Promise<void> {
  await journal.write('policy-reloaded', facts).catch((error: unknown) => log.error('reload-not-journaled', { error }));
}

async function noteRefusal(
  { journal, log }: ReloadDeps,
  by: string,
  result: Extract<Reloaded, { readonly state: 'invalid' | 'needs-restart' }>,
): Promise<void> {
  const { state } = result;
  const problems =
    state === 'invalid'
      ? result.problems.slice(0, mostNamed).map((one) => sanitizeLine(formatProblem(one), longestProblem))
      : result.keys;
  log.warn('policy-refused', { state, by, problems });
  await journal
    .write('policy-refused', { by, why: state, problems })
    .catch((error: unknown) => log.error('reload-not-journaled', { error }));
}
