// `policy check`: the decision of core/policy, dry, with the rule that made it.
import { ConfigError } from '../config/problem.ts';
import { loadConfig, loudOptions } from '../config/load.ts';
import { decide, type Decision } from '../core/policy.ts';
import type { SessionPolicy } from '../core/policy-types.ts';
import { asciiJson, line } from '../core/text.ts';
import { formatDuration } from '../core/time.ts';
import type { Layout } from '../wire/layout.ts';
import { reservedNames } from '../wire/verbs.ts';

const configError = 78; // EX_CONFIG, sysexits.h
const refused = 77; // EX_NOPERM

export interface Question {
  readonly as?: string | undefined;
  readonly group: readonly string[];
  readonly session?: string | undefined;
  readonly durationMs?: number | undefined;
  readonly reason?: string | undefined;
  readonly json?: boolean | undefined;
}

export async function check(layout: Layout, question: Question): Promise<number> {
  try {
    const config = await loadConfig(layout.config, { reservedNames });
    for (const option of loudOptions(config)) process.stderr.write(`warning: ${option} is in force\n`);
    if (question.session === undefined) {
      process.stdout.write(question.json === true ? '{"ok":true}\n' : `${layout.config} is in order.\n`);
      return 0;
    }
    return answer(decide(config, { groups: question.group }, askedOf(question, question.session)), question);
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

function answer(decision: ReturnType<typeof decide>, question: Question): number {
  const who = line(question.as ?? 'an identity', 64);
  const groups = question.group.length === 0 ? 'no group' : line(question.group.join(', '), 200);
  if (question.json === true)
    process.stdout.write(`${asciiJson({ ...decision, policy: undefined, ...sightOf(decision) })}\n`);
  else {
    const verdict = decision.allow ? 'may ask' : `is refused [${decision.code}]`;
    process.stdout.write(`${who} (in ${groups}) ${verdict}; rule: ${decision.rule}${sightLine(decision)}\n`);
  }
  return decision.allow ? 0 : refused;
}

/** What of the keys would pass, where it is not simply all. */
function sightOf(decision: Decision): Partial<Pick<SessionPolicy, 'mode' | 'moderated' | 'idle'>> {
  if (!decision.allow) return {};
  const { mode, moderated, idle } = decision.policy;
  return { mode, moderated, ...(idle === undefined ? {} : { idle }) };
}

function sightLine(decision: Decision): string {
  const { mode, moderated, idle } = sightOf(decision);
  return [
    mode === 'view' ? '; types nothing (mode: view)' : '',
    moderated === true ? '; types only while an approver looks on (moderated)' : '',
    idle === undefined ? '' : `; cut after ${formatDuration(idle.endMs)} without a key`,
  ].join('');
}
