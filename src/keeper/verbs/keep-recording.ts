// The verbs `hold`, `release` and `purge`, for root on the host: how long a recording is kept, against what the policy says.
import { parseId } from '../../core/ids.ts';
import {
  heldAlready,
  holdReason,
  notARecording,
  notHeld,
  nowHeld,
  nowPurged,
  nowReleased,
  purgedAlready,
  purgeReason,
  releaseReason,
} from '../../core/messages/keeping.ts';
import { Refused } from '../../core/refusal.ts';
import { sanitizeLine } from '../../core/text.ts';
import type { Command } from '../../wire/grammar.ts';
import type { Conversation } from '../conversation.ts';
import type { Context } from '../context.ts';
import { actorOf } from '../identity/actor.ts';
import type { Visitor } from '../identity/visitor.ts';
import type { By, Kept } from '../recordings/keeping.ts';

const longestReason = 400;

/** Keeps recordings from being purged. @throws Refused BAD_COMMAND, RECORDING_UNKNOWN, JOURNAL_DOWN */
export async function hold(
  context: Context,
  conversation: Conversation,
  visitor: Visitor,
  command: Command,
): Promise<void> {
  const who = await byOf(context, conversation, visitor, { command, needed: holdReason });
  for (const { connection } of await named(context, command)) {
    const held = context.keeping.held(connection);
    if (held === undefined) await context.keeping.hold(connection, who);
    conversation.out([held === undefined ? nowHeld(connection) : heldAlready(connection, held.by, held.reason)]);
  }
}

/** Ends a hold. @throws Refused BAD_COMMAND, RECORDING_UNKNOWN, JOURNAL_DOWN */
export async function release(
  context: Context,
  conversation: Conversation,
  visitor: Visitor,
  command: Command,
): Promise<void> {
  const who = await byOf(context, conversation, visitor, { command, needed: releaseReason });
  for (const { connection } of await named(context, command)) {
    const held = context.keeping.held(connection);
    if (held !== undefined) await context.keeping.release(connection, who);
    conversation.out([held === undefined ? notHeld(connection) : nowReleased(connection)]);
  }
}

/** Removes recordings for good. @throws Refused BAD_COMMAND, RECORDING_UNKNOWN, RECORDING_HELD, RECORDING_OPEN, JOURNAL_DOWN */
export async function purge(
  context: Context,
  conversation: Conversation,
  visitor: Visitor,
  command: Command,
): Promise<void> {
  const who = await byOf(context, conversation, visitor, { command, needed: purgeReason });
  const all = await named(context, command);
  const there = all.filter(({ facts }) => facts?.purged === undefined);
  await context.keeping.purge(there, who);
  conversation.out(there.map(({ connection }) => nowPurged(connection)));
  for (const { connection, facts } of all)
    if (facts?.purged !== undefined) conversation.out([purgedAlready(connection, facts.purged)]);
}

async function named(context: Context, { words: [word = ''] }: Command): Promise<readonly Kept[]> {
  const id = parseId(word);
  if (id === undefined) throw new Refused('BAD_COMMAND', { problem: notARecording(word), host: context.host });
  return context.keeping.find(id);
}

async function byOf(
  context: Context,
  conversation: Conversation,
  visitor: Visitor,
  { command, needed }: { readonly command: Command; readonly needed: string },
): Promise<By> {
  const reason = sanitizeLine(command.reason ?? '', longestReason);
  if (reason === '') throw new Refused('BAD_COMMAND', { problem: needed, host: context.host });
  return { by: (await actorOf(context, conversation, visitor)).name, reason };
}
