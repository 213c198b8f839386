// The verb `review`: the access review of a period, and its sign-off (PCI DSS 7.2.4, ISO 27001 A.5.18).
//
// 1. Who may approve for a session reviews its access; root reads all and signs off nothing, for root is no person.
// 2. A sign-off names the digest of the listing that was looked at. The listing is made anew after the sign-in, and has to be the same.
//    Attack: somebody signs what they never saw; accident: what they saw changed while they signed in.
// 3. A period that is not over is not signed off. Attack: the access that matters comes after the sign-off.
// 4. A sign-off takes a sign-in of its own, by the person who typed it. Attack: an engineer signs off in the name of an approver whose
//    terminal was left open.
// 5. Nothing is signed off from a journal that does not verify.
// 6. Whoever had access in the period may sign off too, and the record says so: where all approvers are on call, nobody else could.
//    Accident: a review of one's own access passes for one by somebody else.
import type { KnownLogin, ReviewedSession } from '../../core/access-review/listing.ts';
import type { Identity } from '../../core/identity.ts';
import { approversSaid } from '../../core/messages/approvers.ts';
import { reviewProblems, signedOff, signOffHead } from '../../core/messages/access-review.ts';
import { purposes } from '../../core/messages/waiting.ts';
import { reviewRule, reviewRules } from '../../core/on-call.ts';
import { parsePeriod, type Period } from '../../core/period.ts';
import type { SessionPolicy } from '../../core/policy-types.ts';
import { mayReview, sessionOf } from '../../core/policy.ts';
import { Refused } from '../../core/refusal.ts';
import { proofOf } from '../../core/request.ts';
import { sanitizeLine } from '../../core/text.ts';
import { formatInstant } from '../../core/time.ts';
import type { Command } from '../../wire/grammar.ts';
import type { Conversation } from '../conversation.ts';
import type { Context } from '../context.ts';
import type { ReviewQuery } from '../history/query.ts';
import type { ReviewAnswer } from '../history/review.ts';
import { actorOf, type Actor } from '../identity/actor.ts';
import { reauthenticate } from '../identity/identify.ts';
import { columnsOf, type Visitor } from '../identity/visitor.ts';
import { printAnswer, waitForJournal } from './journal-wait.ts';

const longestReason = 400;

/**
 * Shows the listings of a period, or signs one off.
 * @throws Refused BAD_COMMAND, NOT_YOURS, NOT_REVIEWER, NEEDS_A_PERSON, PERIOD_NOT_OVER, LISTING_CHANGED, JOURNAL_DOUBTFUL, LOCKED, BUSY,
 * JOURNAL_DOWN and what a sign-in refuses
 */
export async function accessReview(
  context: Context,
  conversation: Conversation,
  visitor: Visitor,
  command: Command,
): Promise<void> {
  const period = parsePeriod(command.period ?? '');
  if (period === undefined) throw bad(context, reviewProblems.noPeriod);
  if (command.lookedAt !== undefined) return signOff(context, conversation, visitor, { command, period });
  const actor = await actorOf(context, conversation, visitor);
  const query = { ...queryOf(context, visitor, period), ...scopeOf(context, actor, command.session) };
  const form = command.json ? 'json' : command.csv === true ? 'csv' : 'table';
  const login = actor.person === undefined ? undefined : visitor.login;
  const read = context.history.review(login, { ...query, form }, conversation.gone, async (answer) =>
    printAnswer(context, conversation, answer),
  );
  await waitForJournal(conversation, read);
}

const bad = ({ host }: Context, problem: string): Refused => new Refused('BAD_COMMAND', { problem, host });

/** Everything but whose listings are read. */
function queryOf(context: Context, visitor: Visitor, period: Period): Omit<ReviewQuery, 'sessions' | 'isAll'> {
  const { host } = context;
  const logins = knownLogins(context);
  return { host, period, now: context.now(), logins, form: 'csv', columns: columnsOf(visitor), local: visitor.local };
}

/** The logins with a pin, and those that the policy maps to a claim. */
function knownLogins({ pins, config }: Context): readonly KnownLogin[] {
  const rule = config.oidc.claims.login;
  const mapped = 'map' in rule ? Object.keys(rule.map) : [];
  return [...new Set([...pins.logins(), ...mapped])].map((login) => ({ login, ...pins.of(login) }));
}

/** Rule 1. @throws Refused NOT_REVIEWER, NOT_YOURS */
function scopeOf(context: Context, actor: Actor, only: string | undefined): Pick<ReviewQuery, 'sessions' | 'isAll'> {
  const { person, duty } = actor;
  const policies = Object.values(context.config.sessions);
  if (person === undefined)
    return only === undefined
      ? { sessions: policies.map(reviewedOf), isAll: true }
      : { sessions: [reviewedNamed(context, only)], isAll: false };
  const theirs = policies.filter((policy) => mayReview(policy, person, duty));
  if (theirs.length === 0) throw new Refused('NOT_YOURS', { host: context.host });
  const chosen = theirs.filter(({ name }) => only === undefined || name === only);
  if (chosen.length === 0) throw notReviewer(context, only ?? '', sessionOf(context.config, only ?? ''), duty);
  return { sessions: chosen.map(reviewedOf), isAll: false };
}

function notReviewer(
  { host }: Context,
  session: string,
  policy: SessionPolicy | undefined,
  duty: Actor['duty'],
): Refused {
  return new Refused('NOT_REVIEWER', {
    host,
    session,
    groups: policy === undefined ? '-' : approversSaid(policy, duty),
  });
}

function reviewedOf(policy: SessionPolicy): ReviewedSession {
  const { name, who, approvers, autoApprove = [] } = policy;
  return {
    name,
    who,
    approvers: reviewRules(policy),
    count: approvers.count,
    approverGroups: approvers.groups,
    rules: autoApprove.map((rule) => rule.name),
  };
}

/** A session that the policy no longer has is reviewed by its name. */
function reviewedNamed({ config }: Context, name: string): ReviewedSession {
  const policy = sessionOf(config, name);
  return policy === undefined
    ? { name, who: [], approvers: [], count: 0, approverGroups: [], rules: [] }
    : reviewedOf(policy);
}

interface SigningOff {
  readonly command: Command;
  readonly period: Period;
}

interface Signed extends SigningOff {
  readonly session: string;
  readonly reason: string;
  readonly visitor: Visitor;
  readonly identity: Identity;
  readonly rule: string;
}

async function signOff(
  context: Context,
  conversation: Conversation,
  visitor: Visitor,
  { command, period }: SigningOff,
): Promise<void> {
  const { session = '', lookedAt = '' } = command;
  const reason = sanitizeLine(command.reason ?? '', longestReason);
  const isPerson = visitor.login !== 'root';
  if (!isPerson) throw new Refused('NEEDS_A_PERSON', { host: context.host });
  if (session === '') throw bad(context, reviewProblems.noSession);
  if (reason === '') throw bad(context, reviewProblems.noRemark);
  if (period.to > context.now())
    throw new Refused('PERIOD_NOT_OVER', { period: period.name, until: formatInstant(period.to), host: context.host });
  conversation.note(signOffHead(period.name, session, lookedAt));
  const purpose = purposes.accessReview(period.name, session);
  const identity = await reauthenticate(context, conversation, visitor, purpose);
  const rule = await ruleOf(context, identity, session);
  const signed = { command, period, session, reason, visitor, identity, rule };
  const { issuer, subject } = identity;
  const query = {
    ...queryOf(context, visitor, period),
    ...{ sessions: [reviewedNamed(context, session)], isAll: false, signer: { login: visitor.login, issuer, subject } },
  };
  const read = context.history.review(visitor.login, query, conversation.gone, async (answer) => {
    await record(context, signed, answer);
    conversation.out([signedOff(period.name, session)]);
  });
  await waitForJournal(conversation, read);
}

/** The rule by which they review the session (rule 1). @throws Refused NOT_REVIEWER */
async function ruleOf(context: Context, identity: Identity, session: string): Promise<string> {
  const policy = sessionOf(context.config, session);
  const duty = await context.onCall.duty(policy?.approvers.onCall ?? []);
  const rule = policy === undefined ? undefined : reviewRule(policy, identity, duty);
  if (rule === undefined) throw notReviewer(context, session, policy, duty);
  return rule;
}

/** Rules 2, 5 and 6. @throws Refused LISTING_CHANGED, JOURNAL_DOUBTFUL, JOURNAL_DOWN */
async function record(context: Context, signed: Signed, { listings, isSound }: ReviewAnswer): Promise<void> {
  const { command, period, session, reason, visitor, identity, rule } = signed;
  const { host } = context;
  if (isSound !== true) throw new Refused('JOURNAL_DOUBTFUL', { host });
  const listing = listings.find((one) => one.session === session);
  if (listing === undefined || listing.sha256 !== command.lookedAt)
    throw new Refused('LISTING_CHANGED', { host, session, period: period.name });
  const { issuer, subject, claim, groups } = identity;
  await context.journal.write('access-reviewed', {
    ...{ period: period.name, from: period.from, to: period.to, session },
    ...{ sha256: listing.sha256, policy: listing.policy, rule, groups, reason },
    by: { issuer, subject, claim, login: visitor.login },
    proof: proofOf(identity),
    ...(listing.isOwn ? { own: true } : {}),
    ...(visitor.local ? { local: true } : {}),
  });
}
