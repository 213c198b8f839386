// A listing of every host of the fleet (`--fleet`): what this host has, then what each other host says.
import { answerBytes, type FleetAnswer } from '../../core/fleet-query.ts';
import { askingFleet, fleetNotes, ofHost } from '../../core/messages/fleet.ts';
import { asciiJson, sanitizeLine } from '../../core/text.ts';
import type { Command } from '../../wire/grammar.ts';
import type { Conversation } from '../conversation.ts';
import type { Context } from '../context.ts';
import type { ListedFor } from '../fleet/answer-query.ts';
import { askFleet, fleetAnswerMs } from '../fleet/ask-fleet.ts';
import { actorOf } from '../identity/actor.ts';
import { columnsOf, type Visitor } from '../identity/visitor.ts';
import { printAnswer } from './journal-wait.ts';

/** The lines of a listing of this host. */
export type FleetListing = (context: Context, asked: ListedFor) => Promise<readonly string[]>;

/** Who asks for which listing. */
export interface OfFleet {
  readonly visitor: Visitor;
  readonly command: Command;
  readonly here: FleetListing;
}

/** What a peer says is text from outside (law 9). */
const filtered = (line: string): string => sanitizeLine(line, answerBytes);

type Answers = ReadonlyMap<string, FleetAnswer | undefined>;

/** Shows the lines of every host, and names those that did not answer. @throws Refused BUSY, REDIS_DOWN and what a sign-in refuses */
export async function ofFleet(
  context: Context,
  conversation: Conversation,
  { visitor, command, here }: OfFleet,
): Promise<void> {
  const actor = await actorOf(context, conversation, visitor);
  const asked = { actor, command, columns: columnsOf(visitor) };
  const until = context.now() + fleetAnswerMs;
  const [own, others] = await conversation.wait(askingFleet, until, async (signal) =>
    Promise.all([here(context, { ...asked, signal }), askFleet(context, asked, signal)]),
  );
  const lines = [[context.host, own] as const, ...linesBy(others)];
  const said = command.json ? [rowsOf(lines)] : lines.flatMap(([host, some]) => [ofHost(host), ...some, '']);
  await printAnswer(context, conversation, { lines: said, notes: notesOf(others) });
}

const linesBy = (answers: Answers): readonly (readonly [string, readonly string[]])[] =>
  [...answers].flatMap(([host, answer]) =>
    answer === undefined || answer.refused !== undefined ? [] : [[host, answer.lines.map(filtered)] as const],
  );

/** One list of all rows, each with its host. */
function rowsOf(lines: readonly (readonly [string, readonly string[]])[]): string {
  return asciiJson(lines.flatMap(([host, some]) => rowsIn(some.join('')).map((row) => ({ ...(row as object), host }))));
}

/** What a peer calls JSON may be none. */
function rowsIn(text: string): readonly unknown[] {
  try {
    const rows: unknown = JSON.parse(text);
    return Array.isArray(rows) ? rows.filter((row) => typeof row === 'object' && row !== null) : [];
  } catch {
    return [];
  }
}

function notesOf(answers: Answers): readonly string[] {
  const silent = [...answers].flatMap(([host, answer]) => (answer === undefined ? [host] : []));
  const cut = [...answers].flatMap(([host, answer]) => (answer?.cut === true ? [host] : []));
  const refused = [...answers].flatMap(([host, answer]) =>
    answer?.refused === undefined ? [] : [fleetNotes.refused(host, answer.refused)],
  );
  return [
    ...refused,
    ...(cut.length === 0 ? [] : [fleetNotes.cut(cut)]),
    ...(silent.length === 0 ? [] : [fleetNotes.silent(silent)]),
  ];
}
