// The verb `keys`: root on the host looks at the keys that sign, or has another one sign. What a rotation means is in keeper/key-rotation.ts.
import {
  keysHead,
  listOrRotate,
  onlyWithRotate,
  oneOfThem,
  preparedLines,
  rotatedLines,
} from '../../core/messages/keys.ts';
import { Refused } from '../../core/refusal.ts';
import { sanitizeLine } from '../../core/text.ts';
import { formatInstant } from '../../core/time.ts';
import type { Command } from '../../wire/grammar.ts';
import { json, table } from '../../wire/listing.ts';
import type { Context } from '../context.ts';
import type { Conversation } from '../conversation.ts';
import { actorOf } from '../identity/actor.ts';
import { columnsOf, type Visitor } from '../identity/visitor.ts';
import { prepareKey, rotateKey, type AskedBy } from '../key-rotation.ts';

/** @throws Refused BAD_COMMAND, NEXT_KEY_MISSING, JOURNAL_DOWN or the like: then nothing was changed */
export async function keys(
  context: Context,
  conversation: Conversation,
  visitor: Visitor,
  command: Command,
): Promise<void> {
  const { words, prepare, leaked, forMs, reason } = command;
  const options = [prepare, leaked, forMs].filter((one) => one !== undefined).length;
  const bad = (problem: string): Refused => new Refused('BAD_COMMAND', { problem, host: context.host });
  if (words[0] === 'list') {
    if (options > 0 || reason !== undefined) throw bad(onlyWithRotate);
    return show(context, conversation, visitor, command.json);
  }
  if (words[0] !== 'rotate') throw bad(listOrRotate);
  if (options > 1) throw bad(oneOfThem);
  const { name: by } = await actorOf(context, conversation, visitor);
  const asked = { by, reason: sanitizeLine(reason ?? '', 400) };
  return prepare === true
    ? prepareNext(context, conversation, asked, command)
    : rotate(context, conversation, asked, command);
}

function show({ keys: held }: Context, conversation: Conversation, visitor: Visitor, asJson: boolean): void {
  const all = held.list();
  if (asJson) return conversation.out([json(all)]);
  const instant = (at: number | undefined): string => (at === undefined ? '' : formatInstant(at));
  const rows = all.map(({ host, fingerprint, use, state, since, until }) => [
    ...[host, fingerprint, use, state, instant(since), instant(until)],
  ]);
  conversation.out(table(keysHead, rows, columnsOf(visitor)));
}

const peersOf = ({ config }: Context): number => Object.keys(config.peers).length;

async function prepareNext(
  context: Context,
  conversation: Conversation,
  asked: AskedBy,
  command: Command,
): Promise<void> {
  const { next, path } = await prepareKey(context, asked);
  conversation.out(command.json ? [json({ next, path })] : preparedLines(context.host, next, path, peersOf(context)));
}

async function rotate(context: Context, conversation: Conversation, asked: AskedBy, command: Command): Promise<void> {
  const leaked = command.leaked === true;
  const done = await rotateKey(context, { ...asked, overlapMs: command.forMs, leaked });
  const { host, connections } = context;
  const live = connections.all().length;
  const said = { ...done, host, leaked, now: context.now(), peers: peersOf(context), connections: live };
  conversation.out(command.json ? [json({ ...done, leaked })] : rotatedLines(said));
}
