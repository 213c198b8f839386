// The verb `status`: what is wrong with this host, the worst first, and what to do about it.
import { byUrgency, forEverybody, worstOf } from '../../core/health/parts.ts';
import { asciiJson } from '../../core/text.ts';
import type { Command } from '../../wire/grammar.ts';
import { statusScreen } from '../../wire/status-screen.ts';
import type { Context } from '../context.ts';
import type { Conversation } from '../conversation.ts';
import { isRoot, type Visitor } from '../identity/visitor.ts';

/** For a monitor: 69 when something does not work, 1 when something needs somebody soon. */
const exitOf = { ok: 0, warn: 1, down: 69 } as const;

/** Shows the parts of this host. Whoever is not root learns what is wrong, not why: that is about this host's network and files. */
export async function status(
  context: Context,
  conversation: Conversation,
  visitor: Visitor,
  command: Command,
): Promise<number> {
  const found = byUrgency(await context.health.look());
  const parts = isRoot(visitor) ? found : found.map(forEverybody);
  const level = worstOf(parts);
  const counts = await countsOf(context);
  if (!command.json) conversation.out(statusScreen(parts, counts));
  else {
    const { sessions: running, kept, ...inside } = counts;
    conversation.out([
      asciiJson({
        ...{ host: context.host, ok: level !== 'down', level, ...inside, sessions: { running, kept } },
        longestTurnMs: context.eventLoop.longest(),
        witness: context.witnessing.report(),
        parts: parts.map((part) => ({ ...part, ok: part.level !== 'down' })),
      }),
    ]);
  }
  return exitOf[level];
}

async function countsOf({ connections, sessions }: Context) {
  const inside = connections.all();
  const count = (input: string): number => inside.filter((one) => one.input === input).length;
  const running = await sessions.running();
  const kept = running.filter((session) => session.kept !== undefined).length;
  const attached = { attached: inside.length, viewing: count('never'), held: count('held') };
  return { ...attached, sessions: running.length, kept };
}
