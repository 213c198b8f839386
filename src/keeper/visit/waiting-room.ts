// What a requester reads while they wait: what was asked, who may answer, and the command to forward to an approver.
//
// 1. The names of people are only shown (identity/recent-users.ts). Whoever is in one of the groups may answer, named or not, and being
//    named gives nobody that right.
import type { SessionPolicy } from '../../core/policy-types.ts';
import type { RequestFacts } from '../../core/request.ts';
import { insideLine } from '../../core/messages/inside.ts';
import { approversLine, factLines, forwardLine, requestHead } from '../../core/messages/request.ts';
import { personName } from '../../core/person-name.ts';
import type { Context } from '../context.ts';
import { approverLine } from '../identity/on-call.ts';

const mostNamed = 6;

/** The screen of a request that waits for people. */
export async function waitingRoom(
  context: Context,
  policy: SessionPolicy,
  facts: RequestFacts,
): Promise<readonly string[]> {
  return [
    '',
    requestHead(facts.id),
    ...factLines(facts),
    approversLine(await approverLine(context, policy), ...known(context, policy, facts)),
    forwardLine(context.host, facts.id),
    '',
    ...(facts.extends === undefined ? [insideLine(policy, facts.account, facts.mode ?? 'type'), ''] : []),
  ];
}

/** The screen of a request that a rule approved. @param by the line that names the rule. */
export function byRuleRoom(policy: SessionPolicy, facts: RequestFacts, by: string): readonly string[] {
  const inside = insideLine(policy, facts.account, facts.mode ?? 'type');
  return ['', requestHead(facts.id), ...factLines(facts), '', by, '', inside, ''];
}

/** Names of recent people who may approve (rule 1). */
function known(context: Context, { approvers }: SessionPolicy, { who }: RequestFacts): [readonly string[], boolean] {
  const met = context.recentUsers.of(approvers.groups);
  const others = met.filter(({ login, claim }) => login !== who.login && claim !== who.claim);
  const names = others.slice(0, mostNamed).map(({ login, claim }) => personName({ login, claim }));
  return [names, others.length > mostNamed];
}
