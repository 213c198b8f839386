// `policy check`: a dry run of the policy's decision (core/policy.ts), with the rule that made it. On-call sources are asked as the keeper
// asks them. Ticket hooks are not asked, since they get real requests only.
import { accountByName } from '../adapters/accounts.ts';
import { openSource } from '../adapters/hooks/hook.ts';
import { ConfigError } from '../config/problem.ts';
import { loadConfig, loudOptions } from '../config/load.ts';
import { missingAccounts } from '../config/session-accounts.ts';
import { fits } from '../config/pattern.ts';
import { autoFault } from '../core/auto-approve.ts';
import { approversSaid } from '../core/messages/approvers.ts';
import {
  failedSomehow,
  idleEnd,
  inForce,
  inOrder,
  mayAsk,
  mayNotReview,
  mayReview,
  noSession,
  ruleApproves,
  ruleDoesNot,
  sourceSilent,
  typesNothing,
  typesWhileWatched,
  wouldBeRefused,
} from '../core/messages/policy-check.ts';
import { claimOf, reviewRule, type Duty } from '../core/on-call.ts';
import { decide, sessionOf, type Decision } from '../core/policy.ts';
import type { Config, SessionPolicy } from '../core/policy-types.ts';
import { asciiJson, sanitizeLine } from '../core/text.ts';
import { formatDuration } from '../core/time.ts';
import type { Layout } from '../wire/layout.ts';
import { reservedNames } from '../wire/verbs.ts';

const configError = 78; // EX_CONFIG, sysexits.h
const refused = 77; // EX_NOPERM

/** What to decide about: the command's options. Without a session, only the policy itself is checked. */
export interface Question {
  readonly as?: string | undefined;
  readonly group: readonly string[];
  readonly session?: string | undefined;
  /** A login or a claim of which to tell whether they may review. */
  readonly reviewer?: string | undefined;
  readonly durationMs?: number | undefined;
  readonly reason?: string | undefined;
  readonly json?: boolean | undefined;
}

/** Checks the policy and prints the decision. @returns the exit code: 0 for yes, 77 for no, 78 for a policy with problems */
export async function check(layout: Layout, question: Question): Promise<number> {
  try {
    const config = await loadConfig(layout.config, { reservedNames });
    for (const option of loudOptions(config)) process.stderr.write(inForce(option));
    const missing = await missingAccounts(config, accountByName);
    if (missing.length > 0) throw new ConfigError(missing, layout.config);
    if (question.session === undefined) {
      process.stdout.write(question.json === true ? '{"ok":true}\n' : inOrder(layout.config));
      return 0;
    }
    if (question.reviewer !== undefined) return await reviewer(config, question, question.reviewer, question.session);
    const decision = decide(config, { groups: question.group }, askedOf(question, question.session), fits);
    return answer(decision, question, decision.allow ? await autoSaid(config, decision.policy, question) : []);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\n`);
    if (question.json === true) process.stdout.write(`${asciiJson({ ok: false, problems: error.problems })}\n`);
    return configError;
  }
}

function askedOf({ durationMs, reason }: Question, session: string): Parameters<typeof decide>[2] {
  return { session, ...(durationMs === undefined ? {} : { durationMs }), ...(reason === undefined ? {} : { reason }) };
}

/** Asks the on-call sources now. A source that fails names nobody, and a warning is printed. */
async function dutyOf(config: Config, names: readonly string[]): Promise<Duty> {
  const named = new Map<string, readonly string[]>();
  for (const name of new Set(names)) {
    const policy = config.onCall[name];
    const account = await accountByName(config.serviceAccount);
    if (policy === undefined || account === undefined) continue;
    try {
      named.set(name, await (await openSource(policy, account)).people(Date.now()));
    } catch (error) {
      const why = error instanceof Error ? error.message : failedSomehow;
      process.stderr.write(sourceSilent(name, sanitizeLine(why, 300)));
    }
  }
  return { named, rule: config.oidc.claims.login };
}

async function reviewer(config: Config, question: Question, word: string, session: string): Promise<number> {
  const policy = sessionOf(config, session);
  const duty = await dutyOf(config, policy?.approvers.onCall ?? []);
  const who = { groups: question.group, claim: claimOf(word, config.oidc.claims.login) };
  const rule = policy === undefined ? undefined : reviewRule(policy, who, duty);
  const approvers = policy === undefined ? '' : approversSaid(policy, duty);
  if (question.json === true)
    process.stdout.write(`${asciiJson({ allow: rule !== undefined, rule: rule ?? null, approvers })}\n`);
  else if (policy === undefined) process.stdout.write(noSession(sanitizeLine(session, 64)));
  else {
    const [whom, groups] = [sanitizeLine(word, 64), groupsOf(question)];
    process.stdout.write(rule === undefined ? mayNotReview(whom, groups, approvers) : mayReview(whom, groups, rule));
  }
  return rule === undefined ? refused : 0;
}

/** What each rule of `auto_approve` would decide, a line each. */
async function autoSaid(config: Config, policy: SessionPolicy, question: Question): Promise<readonly string[]> {
  const rules = policy.autoApprove ?? [];
  const duty = await dutyOf(
    config,
    rules.flatMap(({ onCall = [] }) => onCall),
  );
  const claim = question.as === undefined ? '' : claimOf(question.as, config.oidc.claims.login);
  const who = { groups: question.group, claim };
  return rules.map((rule) => {
    const fault = autoFault(rule, who, question.durationMs ?? policy.window.defaultMs, duty);
    if (fault !== undefined) return ruleDoesNot(rule.name, fault);
    return ruleApproves(rule.name, rule.ticket);
  });
}

const groupsOf = ({ group }: Question): string | undefined =>
  group.length === 0 ? undefined : sanitizeLine(group.join(', '), 200);

function answer(decision: ReturnType<typeof decide>, question: Question, auto: readonly string[]): number {
  if (question.json === true)
    process.stdout.write(`${asciiJson({ ...decision, policy: undefined, ...sightOf(decision), auto })}\n`);
  else {
    const [login, groups] = [question.as === undefined ? undefined : sanitizeLine(question.as, 64), groupsOf(question)];
    const said = decision.allow ? mayAsk(login, groups, decision.rule) : wouldBeRefused(login, groups, decision);
    process.stdout.write(`${said}${sightLine(decision)}\n`);
    for (const text of auto) process.stdout.write(`${text}\n`);
  }
  return decision.allow ? 0 : refused;
}

/** The settings that limit the input of a connection. */
function sightOf(decision: Decision): Partial<Pick<SessionPolicy, 'mode' | 'moderated' | 'idle'>> {
  if (!decision.allow) return {};
  const { mode, moderated, idle } = decision.policy;
  return { mode, moderated, ...(idle === undefined ? {} : { idle }) };
}

function sightLine(decision: Decision): string {
  const { mode, moderated, idle } = sightOf(decision);
  return [
    mode === 'view' ? typesNothing : '',
    moderated === true ? typesWhileWatched : '',
    idle === undefined ? '' : idleEnd(formatDuration(idle.endMs)),
  ].join('');
}
