// Break-glass: in, when nobody can be asked (design section 8).
//
// 1. Root issues codes beforehand; a code opens one session once, for a short window that nobody chooses.
// 2. It works without Redis and without the provider, and never without the journal (law 7).
// 3. Everyone is told, and the next code opens nothing until somebody has looked at this use.
import { fitsInTime } from '../../adapters/pattern.ts';
import { glassPerson, stateOf } from '../../core/break-glass.ts';
import type { Grant, LiveGrant } from '../../core/grant.ts';
import { isSamePerson } from '../../core/identity.ts';
import { grantId, idBytes } from '../../core/ids.ts';
import { approversSaid } from '../../core/on-call.ts';
import { decide as judge, mayReview, sessionOf } from '../../core/policy.ts';
import { Refused } from '../../core/refusal.ts';
import { sightOf } from '../../core/sight.ts';
import { line } from '../../core/text.ts';
import { formatClock, formatInstant, windowEnd } from '../../core/time.ts';
import type { Command } from '../../wire/grammar.ts';
import type { Door } from '../door.ts';
import type { House } from '../house.ts';
import { reviewedOf, tellOfUse, voidedOf } from '../break-glass-use.ts';
import { grantEnd } from '../ends.ts';
import { checkLock } from '../locks.ts';
import { json, table } from '../render.ts';
import { admit } from '../visit/admit.ts';
import { ownGlass, signInByGlass } from '../visit/break-glass-seat.ts';
import { checkKnock, refusedBy, wishFor, type Wish } from '../visit/decide.ts';
import { freshly, isRoot, type Visitor } from '../visit/identify.ts';
import { watch } from '../visit/watch.ts';

type Desk = (house: House, door: Door, visitor: Visitor, command: Command) => Promise<void> | void;

const desk: Readonly<Record<string, Desk>> = { issue, list, void: voidCodes, review };

export async function breakGlass(house: House, door: Door, visitor: Visitor, command: Command): Promise<void> {
  const [word = ''] = command.words;
  const work = Object.hasOwn(desk, word) ? desk[word] : undefined;
  await (work ?? breakIn)(house, door, visitor, command);
}

function checkRoot(house: House, visitor: Visitor, word: string): void {
  if (!isRoot(visitor)) throw new Refused('LOCAL_ONLY', { word: `break-glass ${word}`, host: house.host });
}

const mostCodes = 20;

async function issue(house: House, door: Door, visitor: Visitor, { words: [, count = '1'] }: Command): Promise<void> {
  checkRoot(house, visitor, 'issue');
  const wanted = /^\d{1,2}$/.test(count) ? Number(count) : 0;
  if (wanted < 1 || wanted > mostCodes)
    throw new Refused('BAD_COMMAND', { problem: `issue 1 to ${mostCodes} codes`, host: house.host });
  await house.journal.write('break-glass-issued', { count: wanted, by: visitor.login });
  const codes = await house.breakGlass.issue(wanted);
  door.note(['Each opens one session once. They are shown this one time; keep them where on-call finds them.']);
  door.out(codes);
}

function list(house: House, door: Door, visitor: Visitor, command: Command): void {
  checkRoot(house, visitor, 'list');
  const rows = house.breakGlass.all().map((code) => {
    const { id, issuedAt, usedAt, usedBy } = code;
    return { id, issuedAt, state: stateOf(code), usedAt: usedAt ?? null, usedBy: usedBy ?? null };
  });
  const unreviewed = house.breakGlass.unreviewed() ?? null;
  if (command.json) return door.out([json({ codes: rows, unreviewed })]);
  if (rows.length === 0) return door.out(['No code was ever issued.']);
  const cells = rows.map(({ id, issuedAt, state, usedAt, usedBy }) => [
    ...[id, formatInstant(issuedAt), state],
    usedAt === null ? '-' : `${usedBy ?? '?'}, ${formatInstant(usedAt)}`,
  ]);
  door.out(table(['CODE', 'ISSUED', 'STATE', 'USED BY'], cells));
  if (unreviewed !== null)
    door.out(['', `The use by ${unreviewed.login} waits for: tmux-gate break-glass review --reason ...`]);
}

async function voidCodes(house: House, door: Door, visitor: Visitor, { words: [, id], all }: Command): Promise<void> {
  checkRoot(house, visitor, 'void');
  if ((id === undefined) === (all !== true))
    throw new Refused('BAD_COMMAND', { problem: 'name one code, or --all', host: house.host });
  let count = 0;
  await house.outbox.allow(voidedOf(id?.toUpperCase(), visitor.login), async () => {
    count = await house.breakGlass.void(id?.toUpperCase());
  });
  door.out([`Voided ${count} ${count === 1 ? 'code' : 'codes'}.`]);
}

/** By root, or by somebody who may approve there and is not the one who broke in. */
async function review(house: House, door: Door, visitor: Visitor, command: Command): Promise<void> {
  const use = house.breakGlass.unreviewed();
  if (use === undefined) return door.out(['No use of break-glass waits for a review.']);
  const reason = line(command.reason ?? '', 400);
  if (reason === '') throw new Refused('REVIEW_REASON', { host: house.host });
  const by = isRoot(visitor) ? visitor.login : await reviewer(house, door, visitor, use.session, use.login);
  await house.oneByOne('break-glass', async () => {
    // While they signed in, somebody else may have looked, and the code of another have been used: that one is not looked at.
    if (house.breakGlass.unreviewed()?.grant !== use.grant)
      throw new Refused('CHANGED_MEANWHILE', { host: house.host });
    await house.outbox.allow(reviewedOf(use, { by, reason }), async () => house.breakGlass.review(use.grant));
  });
  door.out([`Reviewed: ${use.login} in ${use.session} on ${formatInstant(use.at)}. Codes open again.`]);
}

async function reviewer(house: House, door: Door, visitor: Visitor, session: string, user: string): Promise<string> {
  if (visitor.login === user) throw new Refused('SELF_REVIEW', { groups: 'an approver' });
  const identity = await freshly(house, door, visitor, 'REVIEW BREAK-GLASS');
  // Nor under a second login of theirs (law 3): who broke in is known by what their login is pinned to.
  const pin = house.pins.of(user);
  if (pin !== undefined && isSamePerson(pin, identity)) throw new Refused('SELF_REVIEW', { groups: 'an approver' });
  const policy = sessionOf(house.config, session);
  const duty = await house.onCall.duty(policy?.approvers.onCall ?? []);
  if (policy === undefined || !mayReview(policy, identity, duty))
    throw new Refused('NOT_APPROVER', {
      session,
      groups: policy === undefined ? '-' : approversSaid(policy, duty),
      request: use(user),
    });
  return `${line(visitor.login, 64)} (${line(identity.claim, 120)})`;
}

const use = (login: string): string => `of ${login}`;

async function breakIn(house: House, door: Door, visitor: Visitor, command: Command): Promise<void> {
  const wish = await wishOf(house, visitor, command);
  const mine = ownGlass(house, visitor.login, wish.policy.name, wish.mode);
  const live = mine ?? (await open(house, door, visitor, wish));
  const connection = await admit(house, door, signInByGlass(house, visitor, live.grant), visitor, wish, live);
  await watch(house, door, connection);
}

/** What a visit checks before it asks, and a reason; who may ask for the session plays no part. */
async function wishOf(house: House, visitor: Visitor, command: Command): Promise<Wish> {
  await checkKnock(house, visitor, command);
  const [session = ''] = command.words;
  const policy = sessionOf(house.config, session);
  if (policy === undefined) throw new Refused('UNKNOWN_SESSION', { session, host: house.host });
  const reason = command.reason ?? '';
  const decision = judge(house.config, { groups: policy.who }, { session, reason }, fitsInTime);
  if (!decision.allow) throw refusedBy(house, decision.code, session, decision.rule);
  return wishFor(house, visitor, command, { policy, rule: 'break-glass', mode: policy.mode });
}

/** Rules 2 and 3. @throws Refused */
async function open(house: House, door: Door, visitor: Visitor, wish: Wish): Promise<LiveGrant> {
  const { host } = house;
  const blocking = house.breakGlass.unreviewed();
  if (blocking !== undefined) throw new Refused('GLASS_UNREVIEWED', { host, login: blocking.login });
  const typed = await door.ask('  Break-glass code: ', true);
  const { login } = visitor;
  const tried = await house.breakGlass.try(typed, login);
  if ('pausedUntil' in tried) throw new Refused('GLASS_PAUSED', { host, login, until: formatClock(tried.pausedUntil) });
  if ('problem' in tried) {
    await house.journal.write('break-glass-wrong', { login, session: wish.policy.name });
    throw new Refused('GLASS_WRONG', { host });
  }
  return house.oneByOne('break-glass', async () => useUp(house, visitor, wish, tried.code));
}

/** The code is used up and everyone told before the grant is there: design law 7. @throws Refused */
async function useUp(house: House, visitor: Visitor, wish: Wish, code: string): Promise<LiveGrant> {
  const { host } = house;
  checkLock(house, visitor.login); // while they typed it; a code that lets nobody in is not used up
  const blocking = house.breakGlass.unreviewed();
  if (blocking !== undefined) throw new Refused('GLASS_UNREVIEWED', { host, login: blocking.login });
  const grant = grantFor(house, visitor, wish, code);
  const { id, session, start: at, reason } = grant;
  const { login, address, fingerprint } = visitor;
  const use = { code, login, session, grant: id, at, reason, address };
  if (!(await house.breakGlass.begin(use))) throw new Refused('GLASS_WRONG', { host });
  const claimed = { address, fingerprint };
  const facts = { grant: id, code, session, login, reason, end: grant.end, claimed };
  await house.outbox.begin(grantEnd(grant, 'break-glass'), async () => house.journal.write('break-glass', facts));
  tellOfUse(house, use);
  await house.breakGlass.finish(grant);
  const live = { grant, keyEnd: grant.end };
  house.book.add(live);
  return live;
}

function grantFor(house: House, visitor: Visitor, wish: Wish, code: string): Grant {
  const start = house.now();
  const id = grantId(house.random(idBytes.grant));
  const { name: session } = wish.policy;
  return {
    ...{ id, request: `GLASS${code}`, digest: '0'.repeat(64), host: house.host, session },
    who: glassPerson(visitor.login, code),
    reason: line(wish.command.reason ?? '', 400),
    approvers: [],
    ...{ start, end: windowEnd(start, house.config.breakGlass.windowMs), ...sightOf(wish.mode) },
  };
}
