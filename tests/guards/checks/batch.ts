// What keeps a request for several hosts from opening more than each of these hosts would give by itself.
import { guardsIn, pieceOf, type SourceGuard } from '../../harness/source-guards.ts';

const core = guardsIn('unit/core/batch');
const keeper = guardsIn('unit/keeper/batches');
const ended = guardsIn('unit/keeper/batches-ended');
const made = guardsIn('unit/keeper/batches-asked');
const asked = guardsIn('unit/keeper/asked-here');
const shared = 'src/core/batch.ts';
const read = 'src/keeper/batches/read-batch.ts';
const take = 'src/keeper/batches/take-up.ts';
const vouch = 'src/keeper/batches/vouch.ts';
const none = 'law 8: a host does nothing about a batch ';
const says = 'rules 1, 2 and 4: it says why it makes none ';
const approved = 'a request of a batch that is approved ';

/** One condition of the rule which requests are of a batch. */
const ofBatch = (what: string, piece: string, becomes = ''): SourceGuard =>
  core(
    'that a request is of its batch',
    `rule 2: a request is of a batch never with ${what}`,
    pieceOf(shared, piece, becomes),
  );

export const checks: readonly SourceGuard[] = [
  ofBatch('another batch', 'facts.batch?.id === batch.id &&'),
  ofBatch('another asking host', 'facts.batch.host === batch.host &&', 'true &&'),
  ofBatch('a host that was not named', 'batch.hosts.includes(facts.host) &&'),
  ofBatch('another person', 'isSamePerson(facts.who, batch.who) &&'),
  ofBatch('another name', 'facts.who.claim === batch.who.claim &&'),
  ofBatch('another address', 'facts.address === batch.address &&'),
  ofBatch('another key', 'facts.fingerprint === batch.fingerprint &&'),
  ofBatch('another session', 'facts.session === batch.session &&'),
  ofBatch('another reason', 'facts.reason === batch.reason &&'),
  ofBatch('another time', 'facts.durationMs === batch.durationMs', 'true'),
  ofBatch('viewing', 'facts.mode === batch.mode &&'),
  core(
    'that both ask the same provider',
    'rule 3: proof at another host counts never of another provider',
    pieceOf(shared, "return 'issuer'", 'return undefined'),
  ),
  core(
    'that the other host wants no less of the provider',
    'rule 3: proof at another host counts never where this host wants a claim that the other did not',
    pieceOf(shared, 'proof.require?.includes(one) !== true', 'false'),
  ),
  core(
    'that the same claims name logins and groups',
    'rule 3: proof at another host counts never where another claim names the login, or the groups, which its person may set freely',
    pieceOf(shared, "return 'claims.login'", 'void 0'),
    pieceOf(shared, "return 'claims.groups'", 'void 0'),
  ),
  core(
    'that mail addresses are verified',
    'rule 3: proof at another host counts never with an unverified mail address, unless this host takes those as well',
    pieceOf(shared, "return 'email_verified'", 'return undefined'),
  ),
  keeper(
    'that a batch is of the host that signed it',
    `${none}that a peer signed in the name of another`,
    pieceOf(read, 'read.host !== read.value.host || ', ''),
  ),
  keeper(
    'that its id is its own',
    `${none}under the id of another`,
    pieceOf(read, ' || read.value.id !== stored.id', ''),
  ),
  keeper(
    'that its time is not over',
    `${none}whose time is over`,
    pieceOf(read, 'batch.answerBy <= deps.now()', 'false'),
  ),
  keeper(
    'that it names this host',
    `${none}that does not name it`,
    pieceOf(take, 'if (!read.batch.hosts.includes(deps.host)) return true;', ''),
  ),
  keeper(
    'that it was not withdrawn',
    `${none}that was withdrawn`,
    pieceOf(take, '!read.isWithdrawn && read.answers', 'read.answers'),
    pieceOf(take, 'if (now?.isWithdrawn === true) await withdrawIn(deps, now);', ''),
  ),
  keeper(
    'that an answer is of the host that signed it',
    `${none}and what is said in the name of another host does not count`,
    pieceOf(read, 'read.host === read.value.host && batch.hosts', 'batch.hosts'),
  ),
  keeper(
    'who withdraws',
    `${none}nor is a withdrawal that another host signed one`,
    pieceOf(read, 'batchWithdrawalShape, batch.host', 'batchWithdrawalShape'),
  ),
  keeper(
    'that the requests are of the batch',
    `${none}nor is a request of somebody else one of the batch`,
    pieceOf(read, ' || !isOfBatch(read.facts, batch)', ''),
  ),
  keeper(
    'the pin',
    `${says}a login of somebody else`,
    pieceOf(take, "throw new Refused('PIN_MISMATCH'", "void ('PIN_MISMATCH'"),
  ),
  keeper("sudo's rule", `${says}a login that sudo does not name`, pieceOf(take, "!== 'yes'", "=== 'unknown'")),
  keeper('the lock', `${says}a login that is locked`, pieceOf(take, 'checkLock(deps, login); //', 'void login; //')),
  keeper(
    'the provider',
    `${says}a person whom the provider has disabled`,
    pieceOf(take, "throw new Refused('SIGN_IN_OVER', { host })", 'return theirs'),
  ),
  keeper(
    'the groups that this host hears',
    `${says}a group that this host has not heard of, or the other one`,
    pieceOf(take, 'theirs.filter((group) => own.includes(group))', 'theirs'),
  ),
  keeper(
    'the groups that the other host hears',
    `${says}a group that this host has not heard of, or the other one`,
    pieceOf(take, 'theirs.filter((group) => own.includes(group))', 'own'),
  ),
  keeper(
    'that a denied one makes no other',
    'a host that is named rule 3: makes no other one after that was denied, also when the store has lost both',
    pieceOf(take, 'if (deps.tombstones.has(requestTombstoneId(request))) return request;', ''),
  ),
  keeper(
    'that what is over soon is no answer',
    'a host that is named whose journal is full answers nothing, and makes it once there is room',
    pieceOf(take, 'if (passing.has(code)) throw error;', ''),
  ),
  keeper(
    'that the end of what Redis took is owed',
    'a host that is named tells of its end also where Redis took it and its answer was lost',
    pieceOf(take, 'await followEnd(deps, posted);', ''),
  ),
  keeper(
    'that of one person few wait here',
    `${says}a person of whom eight wait here, wherever they were asked for`,
    pieceOf(take, 'checkRoom(deps, who.login);', ''),
  ),
  keeper(
    'that it waits from when it was asked for',
    `${says}one that nobody would answer any more`,
    pieceOf(take, 'requestedAt + config.request.answerWithinMs', 'deps.now() + config.request.answerWithinMs'),
  ),
  ended(
    'that a sign-in is of one batch',
    `${approved}opens nothing but the access of its batch`,
    pieceOf('src/keeper/grants/live-grant-of.ts', '(who.from === undefined || grant.batch === who.batch) &&', ''),
  ),
  ended(
    'that the sign-in of the person here stays',
    `${approved}replaces the sign-in of another batch, and never one of the person here`,
    pieceOf(vouch, 'if (await hasOwn(deps, key)) return;', ''),
  ),
  ended(
    'that no clock makes it younger',
    `${approved}rule 3: is as old as it can be, whatever the clock of the other host says`,
    pieceOf(vouch, 'Math.min(batch.proof.at, batch.requestedAt, deps.now())', 'batch.proof.at'),
  ),
  ended(
    'the tombstone of what was withdrawn',
    'a batch that is withdrawn stays so where Redis hid the request meanwhile',
    pieceOf(
      'src/keeper/batches/withdraw-batch.ts',
      'if (!deps.tombstones.has(tombstone)) await deps.tombstones.add(tombstone, read.batch.answerBy);',
      'void tombstone;',
    ),
  ),
  ended(
    'that the sign-in lasts no longer than the access',
    `${approved}counts as the sign-in of its person while the access lasts, with its record and the pin`,
    pieceOf(vouch, ', deps.now() + forMs)', ')'),
  ),
  ended(
    'that it lasts no longer than the sign-in there',
    `${approved}never for longer than the sign-in there, or than this host remembers one`,
    pieceOf(vouch, 'Math.min(most, ', 'Math.min('),
  ),
  ended(
    'that barred sign-ins stay barred',
    `${approved}rule 3: never when the sign-ins of the login were barred since`,
    pieceOf(vouch, 'Math.min(batch.proof.at, deps.now()) <= deps.tombstones.barredUntil(login)', 'false'),
    pieceOf(
      vouch,
      '...{ ...who, host, fingerprint, groups, issuedAt, at, until, from, batch }',
      '...{ ...who, host, fingerprint, groups, issuedAt, at: until, until, from }',
    ),
  ),
  made(
    'that there are few of one person',
    'the host where it is asked for rule 3: lets a person have four that wait, and counts none that was withdrawn',
    pieceOf('src/keeper/batches/ask-batch.ts', 'waiting >= mostWaiting', 'waiting > 1_000'),
  ),
  guardsIn('contract/store', 'requests ')(
    'that a review waits for the grant of its request',
    'a review waits while the request is being granted, and comes too late then; or it is counted, if nothing comes of that',
    pieceOf('src/adapters/redis/lua.ts', "if is(KEYS[3], 'string') then return 'deciding' end", ''),
  ),
  guardsIn('unit/keeper/settle', 'a denial ')(
    'that the store is asked before the record',
    'that comes in between count and record is not outrun',
    pieceOf(
      'src/keeper/grants/issue.ts',
      'if (!(await deps.store.decide(request, approval.counted))) return undefined;',
      '',
    ),
  ),
  asked(
    'whose access ends',
    'what came of it rule 1: ends on its host when the provider no longer vouches for the person, and what waits is withdrawn',
    pieceOf(
      'src/keeper/batches/follow-asked.ts',
      'return note !== undefined && isSamePerson(note.who, who);',
      'return note !== undefined;',
    ),
  ),
  asked(
    'that it ends later as well',
    'what came of it rule 1: what is granted to them later ends as well',
    pieceOf('src/keeper/batches/follow-asked.ts', 'return providerWithdrew', 'return undefined'),
  ),
  asked(
    'that nothing comes of what was taken back',
    'what came of it rule 1: what is granted after its person took it back ends as well, and not what was granted before',
    pieceOf('src/keeper/batches/follow-asked.ts', 'start > note.withdrawn ? takenBack', 'false ? takenBack'),
  ),
  asked(
    'that a withdrawal is said again',
    'what came of it rule 2: a withdrawal that somebody deletes is said again',
    pieceOf(
      'src/keeper/batches/follow-asked.ts',
      'if (read !== undefined && !read.isWithdrawn) await',
      'if (read === undefined) await',
    ),
  ),
  guardsIn('unit/keeper/rechecks')(
    'that the provider is asked about whoever asked here',
    'who asked here for other hosts is asked about as well, and whoever ends that is told that they are gone',
    pieceOf('src/keeper/identity/rechecks.ts', ' ?? deps.askedHere.of(one)[0]?.login', ''),
  ),
  asked(
    'that on-call is told of the end where nobody waits any more',
    'what came of it is told to receivers of notices once, when its time is over and nobody reviewed it',
    pieceOf(
      'src/keeper/batches/follow-asked.ts',
      'if (grants !== undefined) await tellEnds(deps, grants, signal);',
      '',
    ),
  ),
  asked(
    'that its end is told once',
    'who asked here rule 3: that its end is to be told is known to the next keeper, and whoever sees it first tells it',
    pieceOf('src/keeper/batches/asked-here.ts', ' || note.announced.over === true', ''),
  ),
];
