// The verb `reload`: root on the host has the keeper take the policy as it is on disk. What it means is in keeper/reload.ts.
import { credentialsIn } from '../../config/credential.ts';
import { credentialsOfStart, reloadedLines, reloadUnchanged } from '../../core/messages/reload.ts';
import { Refused } from '../../core/refusal.ts';
import { asciiJson } from '../../core/text.ts';
import { formatInstant } from '../../core/time.ts';
import type { Command } from '../../wire/grammar.ts';
import type { Conversation } from '../conversation.ts';
import type { Context } from '../context.ts';
import { actorOf } from '../identity/actor.ts';
import type { Visitor } from '../identity/visitor.ts';
import type { Reloaded } from '../reload.ts';

/** @throws Refused POLICY_REFUSED, NEEDS_RESTART, JOURNAL_DOWN or the like: then nothing was changed */
export async function reload(
  context: Context,
  conversation: Conversation,
  visitor: Visitor,
  command: Command,
): Promise<void> {
  const { name } = await actorOf(context, conversation, visitor);
  const result = await context.reload.now(name);
  if (command.json) conversation.out([asciiJson(factsOf(context, result))]);
  const { host } = context;
  const stay = credentialsOfStart(credentialsOf(context));
  switch (result.state) {
    case 'unchanged':
      if (!command.json) conversation.out([reloadUnchanged(formatInstant(context.policy.since())), ...stay]);
      return;
    case 'taken':
      if (!command.json) conversation.out([...reloadedLines(result), ...stay]);
      return;
    case 'invalid':
      conversation.note(result.text.split('\n'));
      throw new Refused('POLICY_REFUSED', { host });
    case 'needs-restart':
      throw new Refused('NEEDS_RESTART', { host, what: result.keys.join(', ') });
  }
}

/** Those of the policy in force, which a reload cannot exchange. */
const credentialsOf = ({ policy }: Pick<Context, 'policy'>): readonly string[] => credentialsIn(policy.loaded().raw);

function factsOf(context: Context, result: Reloaded): object {
  const { policy } = context;
  const inForce = { sha256: policy.digest(), since: policy.since() };
  switch (result.state) {
    case 'unchanged':
    case 'taken':
      return { ok: true, ...result, credentials: credentialsOf(context), policy: inForce };
    case 'invalid':
      return { ok: false, state: result.state, problems: result.problems, policy: inForce };
    case 'needs-restart':
      return { ok: false, ...result, policy: inForce };
  }
}
