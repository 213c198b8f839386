// Takes up a batch at one of its hosts: makes this host's own request of it, or says why not.
//
// 1. Who asks is what the host where it was asked for says and signed, as with reviews. Everything else is this host's own: which login that
//    person has here, the pin of that login, sudo's rule, the lock, and the policy of now. Attack: a person asks at a host that is less strict. Attack:
//    one who lost a group asks for a session of a host that remembers them in it. So of their groups those count that both hosts have heard of, or
//    those of this host's own list (`groups_file`).
// 2. Proof at that host counts only if it asked the provider for no less than this one does (core/batch.ts, rule 3).
// 3. A batch makes one request here, whose id, time and text follow from the batch: whoever puts the batch into Redis again makes nothing
//    new, and what was answered has its tombstone. Attack: a denied batch is posted again until somebody approves it.
// 4. This host answers under its own name and signature, also with a refusal, so that nobody waits for it.
// 5. Few are taken up at once, and what waits is limited, also of one person who asks at many hosts. Attack: events without end keep the keeper from revocations (law 12).
// 6. A host that was away when others were asked tells approvers of its request by itself, since nobody else does.
import type { Account, Accounts } from '../../adapters/accounts.ts';
import type { Log } from '../../adapters/log.ts';
import type { StoredRequest } from '../../adapters/redis/replies.ts';
import type { Named } from '../../adapters/sudo-rule.ts';
import { fits } from '../../config/pattern.ts';
import { lessProof, membersWithinMs, type Batch, type BatchAnswer } from '../../core/batch.ts';
import { isSamePerson, loginsOf } from '../../core/identity.ts';
import { isLogin } from '../../core/ids.ts';
import { reasonHint } from '../../core/messages/asking.ts';
import { decide as judge, sessionOf } from '../../core/policy.ts';
import type { Config } from '../../core/policy-types.ts';
import { asRefused, refusal, Refused } from '../../core/refusal.ts';
import type { RequestFacts } from '../../core/request.ts';
import { termsOf } from '../../core/terms.ts';
import { sanitizeLine } from '../../core/text.ts';
import { formatDuration } from '../../core/time.ts';
import { modeFields, modeOf } from '../../core/access-mode.ts';
import type { WorkQueue } from '../concurrency/work-queue.ts';
import { postRequest, type PostRequestDeps } from '../grants/post-request.ts';
import { isOfRequest, unansweredOf, type RequestEnds } from '../grants/request-ends.ts';
import { readRequest } from '../grants/read-request.ts';
import type { Links } from '../links/links.ts';
import { requestTombstoneId } from '../grants/tombstone-id.ts';
import { checkLock, type CheckLockDeps } from '../identity/check-lock.ts';
import { accountOf } from '../sessions/session-account.ts';
import type { Pins } from '../state/pins.ts';
import type { Tombstones } from '../state/tombstones.ts';
import { setTimeout as delay } from 'node:timers/promises';
import { memberId } from './member-id.ts';
import { withdrawIn, type WithdrawMemberDeps } from './withdraw-batch.ts';
import { readBatch, type ReadBatch, type ReadBatchDeps } from './read-batch.ts';

export interface TakeUpDeps extends ReadBatchDeps, PostRequestDeps, CheckLockDeps, WithdrawMemberDeps {
  readonly config: Config;
  readonly accounts: Accounts;
  readonly service: Account;
  readonly pins: Pins;
  readonly tombstones: Tombstones;
  readonly requestEnds: RequestEnds;
  readonly links: Pick<Links, 'announce'>;
  readonly rechecks: {
    groupsOf(who: RequestFacts['who'], oldest?: number): Promise<readonly string[] | 'gone' | undefined>;
  };
  sudoNames(login: string): Promise<Named>;
  oneByOne<T>(name: string, task: () => Promise<T>): Promise<T>;
  /** Rule 5. */
  readonly takeUps: WorkQueue;
  /** The batches that need no other look. */
  readonly tookUp: { has(id: string): boolean; add(id: string): unknown };
  readonly log: Log;
}

/** Takes up the batch with this id, if it is for this host; in the background (rule 5). */
export function takeUp(deps: TakeUpDeps, id: string): void {
  if (deps.tookUp.has(id)) return;
  const place = deps.takeUps.take(id, AbortSignal.timeout(placeMs));
  if (place === undefined) return deps.log.warn('batch-not-taken-up', { batch: sanitizeLine(id, 16) });
  void place.begun
    .then(async () => deps.oneByOne(`batch ${id}`, async () => takeUpInTurn(deps, id)))
    .then((done) => (done ? deps.tookUp.add(id) : undefined))
    .catch((error: unknown) => deps.log.warn('batch-not-taken-up', { batch: sanitizeLine(id, 16), error }))
    .finally(() => place.leave());
}

/** Longer than whoever asks waits for the hosts. */
const placeMs = 30_000;

const everyMs = 15_000;

/** Takes up what was asked for while this host, or Redis, was away, or more than it had places for; until the signal aborts. Never rejects. */
export async function takeUpRest(deps: TakeUpDeps, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await takeUpAll(deps).catch((error: unknown) => deps.log.warn('batches-not-taken-up', { error }));
    await delay(everyMs, undefined, { signal, ref: false }).catch(() => undefined);
  }
}

/** @throws Refused REDIS_DOWN */
export async function takeUpAll(deps: TakeUpDeps): Promise<void> {
  for (const id of await deps.store.rounds('batch')) takeUp(deps, id);
}

/** @returns whether it needs no other look */
async function takeUpInTurn(deps: TakeUpDeps, id: string): Promise<boolean> {
  const read = await readBatch(deps, id);
  if (read === undefined) return false;
  if (!read.batch.hosts.includes(deps.host)) return true;
  if (!read.isWithdrawn && read.answers.get(deps.host) === undefined)
    await answer(deps, read.batch, await answerFor(deps, read));
  const now = await readBatch(deps, id); // it may have been withdrawn meanwhile
  if (now?.isWithdrawn === true) await withdrawIn(deps, now);
  return true;
}

/** What is over soon, and no answer: this host tries again. */
const passing: ReadonlySet<string> = new Set(['REDIS_DOWN', 'REDIS_TOO_OLD', 'JOURNAL_DOWN']);

/** Rule 4. @throws Refused REDIS_DOWN, JOURNAL_DOWN */
async function answerFor(deps: TakeUpDeps, { batch }: ReadBatch): Promise<Omit<BatchAnswer, 'batch' | 'host'>> {
  try {
    return { request: await requestOf(deps, batch) };
  } catch (error) {
    const { code, names, cause } = asRefused(error, 'INTERNAL', { host: deps.host });
    if (passing.has(code)) throw error;
    deps.log.info('batch-refused', { batch: batch.id, code, ...(cause === undefined ? {} : { error: cause }) });
    const { say, hint } = refusal(code, { host: deps.host, ...names });
    return { code, says: sanitizeLine(say, 300), hint: sanitizeLine(hint, 300) };
  }
}

async function answer(deps: TakeUpDeps, batch: Batch, said: Omit<BatchAnswer, 'batch' | 'host'>): Promise<void> {
  const made: BatchAnswer = { batch: batch.id, host: deps.host, ...said };
  await deps.store.answerRound('batch', batch.id, { from: deps.host, jws: await deps.keys.sign('batch-answer', made) });
}

/** Rule 3. @returns the id of the request. @throws Refused why this host makes none */
async function requestOf(deps: TakeUpDeps, batch: Batch): Promise<string> {
  const request = memberId(batch.id, deps.host);
  if (deps.tombstones.has(requestTombstoneId(request))) return request;
  const posted = await deps.store.find(request);
  if (posted !== undefined) {
    await followEnd(deps, posted);
    return request;
  }
  const { facts, rule } = await judged(deps, batch, request);
  const read = await postRequest(deps, facts, rule);
  deps.requestEnds.watch(facts);
  if (facts.batch?.late === true) deps.links.announce(read); // rule 6
  return request;
}

/** Redis may have taken the request though its answer was lost: its end is owed then as well. */
async function followEnd(deps: TakeUpDeps, posted: StoredRequest): Promise<void> {
  const facts = posted.state === 'pending' ? (await readRequest(deps, posted))?.facts : undefined;
  if (facts?.host !== deps.host) return;
  await deps.outbox.begin(unansweredOf(facts));
  deps.requestEnds.watch(facts);
}

/** Rules 1 and 2. */
async function judged(
  deps: TakeUpDeps,
  batch: Batch,
  id: string,
): Promise<{ readonly facts: RequestFacts; readonly rule: string }> {
  const { host, config } = deps;
  const { session, reason, durationMs, address, fingerprint, requestedAt } = batch;
  // Not longer than a request of this host waits, whatever the other one says.
  const answerBy = Math.min(batch.answerBy, requestedAt + config.request.answerWithinMs);
  if (answerBy <= deps.now()) throw new Refused('REQUEST_OVER', { request: batch.id, state: 'unanswered', host });
  const who = { ...batch.who, login: await loginOf(deps, batch) };
  checkRoom(deps, who.login);
  const groups = await groupsOf(deps, who, batch.groups);
  const asked = { session, reason, ...(durationMs === undefined ? {} : { durationMs }) };
  const decision = judge(config, { groups }, asked, fits);
  if (!decision.allow) throw refusedBy(deps, session, decision.code, decision.rule);
  const { policy, rule } = decision;
  const account = await accountOf(deps, policy);
  for (const login of new Set([who.login, batch.who.login])) checkLock(deps, login); // last: one may have come while the rest was looked at
  const facts: RequestFacts = {
    ...{ id, host, session, account: account.name, who, address, fingerprint, reason },
    durationMs: durationMs ?? policy.window.defaultMs,
    ...{ requestedAt, answerBy },
    ...modeFields(modeOf(policy, batch.mode === 'view')),
    terms: termsOf(policy),
    batch: { id: batch.id, host: batch.host, ...(isLate(deps, batch) ? { late: true } : {}) },
  };
  return { facts, rule };
}

/** Rule 1. @param theirs what the other host heard. @throws Refused SIGN_IN_OVER, GROUPS_FILE */
async function groupsOf(
  { rechecks, config, host }: TakeUpDeps,
  who: RequestFacts['who'],
  theirs: readonly string[],
): Promise<readonly string[]> {
  const own = await rechecks.groupsOf(who);
  if (own === 'gone') throw new Refused('SIGN_IN_OVER', { host });
  if (own === undefined) return theirs;
  return config.oidc.claims.groupsFile === undefined ? theirs.filter((group) => own.includes(group)) : own;
}

/** Requests of one login that wait here at once, of batches that were asked for anywhere in the fleet (rule 5). */
const mostWaiting = 8;

/** @throws Refused MANY_BATCHES */
function checkRoom({ outbox, host }: TakeUpDeps, login: string): void {
  const theirs = outbox.all().filter((entry) => isOfRequest(entry) && entry.facts['login'] === login);
  if (theirs.filter(({ facts }) => facts['batch'] !== undefined).length >= mostWaiting)
    throw new Refused('MANY_BATCHES', { login, max: mostWaiting, host });
}

const isLate = (deps: TakeUpDeps, { requestedAt }: Batch): boolean => deps.now() > requestedAt + 2 * membersWithinMs;

/** The login that the person has on this host. @throws Refused PEER_PROOF, NOT_THIS_LOGIN, PIN_MISMATCH, UNKNOWN_LOGIN, NOT_GATED */
async function loginOf(deps: TakeUpDeps, batch: Batch): Promise<string> {
  const { host, config } = deps;
  const { who } = batch;
  const less = lessProof(batch, config.oidc);
  if (less !== undefined) throw new Refused('PEER_PROOF', { host }, `not asked for at ${batch.host}: ${less}`);
  const theirs = loginsOf(who.claim, config.oidc.claims.login).filter(isLogin);
  const login = theirs.find((one) => one === who.login) ?? theirs[0];
  if (login === undefined) throw new Refused('NOT_THIS_LOGIN', { login: who.login, claim: who.claim });
  const pin = deps.pins.of(login);
  if (pin !== undefined && !isSamePerson(pin, who)) throw new Refused('PIN_MISMATCH', { login, host });
  if ((await deps.accounts.byName(login)) === undefined) throw new Refused('UNKNOWN_LOGIN', { host });
  if ((await deps.sudoNames(login)) !== 'yes') throw new Refused('NOT_GATED', { login, host });
  return login;
}

function refusedBy({ host, config }: TakeUpDeps, session: string, code: Refused['code'], rule: string): Refused {
  const policy = sessionOf(config, session);
  const max = policy === undefined ? '' : formatDuration(policy.window.maxMs).replace(/\s/g, '');
  const asked = { groups: policy?.who.join(', ') ?? '', hint: policy?.reason.hint ?? reasonHint };
  return new Refused(code, { host, session, max, less: `--for ${max}`, ...asked }, rule);
}
