// The verbs `whoami`, `status` and `help`.
import { statfs } from 'node:fs/promises';
import {
  answers,
  answersNot,
  cgroupKillThere,
  clocksDiffer,
  groupsUnread,
  providerDown,
  journalRoom,
  recordingsRoom,
  signedInUntil,
  statusLines,
  upFor,
  whoamiLines,
  type PartOfStatus,
} from '../../core/messages/listings.ts';
import { providerFault } from '../../core/provider-fault.ts';
import { Refused } from '../../core/refusal.ts';
import type { SignIn } from '../../core/sign-in.ts';
import { asciiJson, sanitizeLine } from '../../core/text.ts';
import { formatSize } from '../../core/size.ts';
import { formatDuration, formatInstant } from '../../core/time.ts';
import type { Command } from '../../wire/grammar.ts';
import { helpLines } from '../../wire/help.ts';
import type { Conversation } from '../conversation.ts';
import type { Context } from '../context.ts';
import { json } from '../../wire/listing.ts';
import { checkSpace, recordingsDisk } from '../recordings/free-space.ts';
import { witnessPart } from '../witness/status.ts';
import { remembered } from '../identity/identify.ts';
import { columnsOf, isRoot, readerOf, type Visitor } from '../identity/visitor.ts';

/** Shows what is known without a new sign-in, so that it works when the provider does not. */
export async function whoami(
  context: Context,
  conversation: Conversation,
  visitor: Visitor,
  command: Command,
): Promise<void> {
  const signIn = visitor.local ? undefined : await remembered(context, visitor);
  const facts = {
    login: visitor.login,
    host: context.host,
    address: sanitizeLine(visitor.address, 64),
    key: visitor.fingerprint === '' ? null : visitor.fingerprint,
    identity: signIn?.claim ?? null,
    groups: signIn?.groups ?? [],
    unreadGroups: signIn?.unreadGroups ?? null,
    signedInUntil: signIn?.until ?? null,
  };
  if (command.json) return conversation.out([json(facts)]);
  conversation.out(
    whoamiLines({
      ...{ login: facts.login, host: facts.host, address: facts.address, key: facts.key ?? undefined },
      identity: signIn && signedInUntil(sanitizeLine(signIn.claim, 120), formatInstant(signIn.until)),
      groups: signIn && groupsOf(signIn, context.config.oidc.claims.groups),
    }),
  );
}

/** With "none" alone, the person would ask for groups that the provider has given them already. */
function groupsOf({ groups, unreadGroups }: SignIn, claim: string): string {
  if (unreadGroups === undefined) return sanitizeLine(groups.join(', '), 300);
  return groupsUnread(sanitizeLine(claim, 64), unreadGroups);
}

const partLimitMs = 5_000;

/** Shows whether each part works. @returns exit code 69 when a part is down, so that a monitor can use it. */
export async function status(
  context: Context,
  conversation: Conversation,
  visitor: Visitor,
  command: Command,
): Promise<number> {
  const signal = AbortSignal.timeout(partLimitMs);
  const witnessing = context.witnessing.report();
  const parts: readonly PartOfStatus[] = [
    { name: 'keeper', ok: true, detail: upFor(formatDuration(context.now() - context.startedAt)) },
    await part('redis', async () => clocksDiffer(Math.abs(await context.store.skew()))),
    await providerPart(context, signal, isRoot(visitor)),
    await part('cgroups', async () => context.cgroups.check().then(() => cgroupKillThere)),
    await part('journal', async () => room(context)),
    witnessPart(witnessing, context.now()),
    await part('recording', async () => recordingRoom(context)),
  ];
  const ok = parts.every((one) => one.ok);
  const inside = context.connections.all();
  const attached = inside.length;
  const viewing = inside.filter(({ input }) => input === 'never').length;
  const held = inside.filter(({ input }) => input === 'held').length;
  const sessions = await context.sessions.running();
  const kept = sessions.filter((session) => session.kept !== undefined).length;
  if (command.json)
    conversation.out([
      asciiJson({
        host: context.host,
        ok,
        attached,
        viewing,
        held,
        sessions: { running: sessions.length, kept },
        longestTurnMs: context.eventLoop.longest(),
        witness: witnessing,
        parts,
      }),
    ]);
  else conversation.out(statusLines(parts, { attached, viewing, held, sessions: sessions.length, kept }));
  return ok ? 0 : 69;
}

const leastRoom = 16 * 1024 * 1024;

/** Checks free space instead of writing a record: a monitor that asks every second must not fill the journal. */
async function room(context: Context): Promise<string> {
  if (context.journal.changed !== undefined) throw new Refused('JOURNAL_CHANGED');
  const { bavail, bsize } = await statfs(context.layout.journal);
  const free = bavail * bsize;
  if (free < leastRoom) throw new Refused('JOURNAL_DOWN');
  return journalRoom(formatSize(free));
}

/** @throws Refused RECORDINGS_FULL below the reserve */
async function recordingRoom(context: Context): Promise<string> {
  await checkSpace(context);
  return recordingsRoom(formatSize((await recordingsDisk(context)).free), context.recordings.waiting());
}

async function part(name: string, ask: () => Promise<string>): Promise<PartOfStatus> {
  try {
    return { name, ok: true, detail: await ask() };
  } catch (error) {
    return { name, ok: false, detail: error instanceof Refused ? error.code : answersNot };
  }
}

/** Everybody is told that the provider is down; only root and the log are told why (core/provider-fault.ts). */
async function providerPart(context: Context, signal: AbortSignal, isToldWhy: boolean): Promise<PartOfStatus> {
  const name = 'provider';
  try {
    await context.provider.ping(signal);
    return { name, ok: true, detail: answers };
  } catch (error) {
    const { say, hint } = providerFault(error);
    context.log.info('provider-down', { problem: say });
    const isDown = { name, ok: false, detail: 'PROVIDER_DOWN' };
    return isToldWhy ? { ...isDown, detail: providerDown(isDown.detail, say), hint } : isDown;
  }
}

/** Shows the help for one verb, or for all. */
export async function help(
  context: Context,
  conversation: Conversation,
  visitor: Visitor,
  command: Command,
): Promise<void> {
  conversation.out(helpLines(readerOf(context, visitor), command.words[0], columnsOf(visitor)));
  return Promise.resolve();
}
