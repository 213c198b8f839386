// Lets a person whose batch was approved come in without another sign-in: this host takes the sign-in at the host where they asked.
//
// 1. Only when a request of this very batch is about to be granted here, only for as long as that access, and with no more groups than it takes to ask
//    for that session. It lets in under that access alone (identity/identify.ts, rule 5). Attack: a host that was taken over signs people in
//    everywhere, as approvers or auditors; as it is, approvers have to approve each of them, and get them nothing else.
// 2. It is bound like any other sign-in: to login, key fingerprint and pin. The first one of a login pins it, after its record (law 7).
// 3. A sign-in that was barred here (a lock, a person who is gone) stays so: it counts from when the person signed in, not from now.
// 4. A failure refuses nothing: the person then signs in here.
import type { Journal } from '../../adapters/journal/journal.ts';
import type { Keys } from '../../adapters/keys.ts';
import type { Log } from '../../adapters/log.ts';
import type { SignInKey } from '../../adapters/redis/sign-ins.ts';
import type { Store } from '../../adapters/redis/store.ts';
import { isOfBatch, lessProof, type Batch } from '../../core/batch.ts';
import { sessionOf } from '../../core/policy.ts';
import type { RequestFacts } from '../../core/request.ts';
import { signInShape, type SignIn } from '../../core/sign-in.ts';
import { checkOwner, type CheckOwnerDeps } from '../identity/check-owner.ts';
import type { Tombstones } from '../state/tombstones.ts';
import { readBatch } from './read-batch.ts';

export interface VouchDeps extends CheckOwnerDeps {
  readonly store: Store;
  readonly keys: Keys;
  readonly journal: Journal;
  readonly tombstones: Tombstones;
  readonly log: Log;
  now(): number;
}

/** Remembers the sign-in of a request's batch for its person here. @param forMs how long the access is to last. Never rejects (rule 4). */
export async function vouch(deps: VouchDeps, facts: RequestFacts, forMs: number): Promise<void> {
  if (facts.batch === undefined || facts.fingerprint === '') return;
  try {
    const batch = (await readBatch(deps, facts.batch.id))?.batch;
    if (batch !== undefined && isOfBatch(facts, batch) && lessProof(batch, deps.config.oidc) === undefined)
      await remember(deps, facts, batch, forMs);
  } catch (error) {
    deps.log.warn('sign-in-not-taken-over', { request: facts.id, error });
  }
}

async function remember(deps: VouchDeps, facts: RequestFacts, batch: Batch, forMs: number): Promise<void> {
  const { host } = deps;
  const { login } = facts.who;
  const key = { host, login, fingerprint: facts.fingerprint };
  if (Math.min(batch.proof.at, deps.now()) <= deps.tombstones.barredUntil(login)) return; // rule 3
  if (await hasOwn(deps, key)) return;
  const { until: most } = batch.proof;
  // A peer's clock, or its word, may be ahead: the sign-in is as old as it can be.
  const since = Math.min(batch.proof.at, batch.requestedAt, deps.now());
  const asking = sessionOf(deps.config, facts.session)?.who ?? [];
  const groups = batch.groups.filter((group) => asking.includes(group)); // rule 1
  const signIn = signInFrom(
    facts,
    { ...batch, groups, proof: { ...batch.proof, at: since } },
    Math.min(most, since + deps.config.signIn.lifetimeMs, deps.now() + forMs),
  );
  if (signIn.until <= deps.now()) return;
  const { at, until, issuer, subject, claim, amr, acr, authenticatedAt } = signIn;
  await checkOwner(deps, login, signIn);
  await deps.journal.write('sign-in-taken-over', {
    ...{ login, from: batch.host, batch: batch.id, request: facts.id },
    claimed: { address: facts.address, fingerprint: facts.fingerprint },
    identity: { issuer, subject, claim, amr, acr, authenticatedAt },
    ...{ groups, at, until },
  });
  await deps.store.rememberSignIn(key, await deps.keys.sign('sign-in', signIn), until);
}

/** Whether the person signed in here. A sign-in that came with another batch is replaced by that of this one. */
async function hasOwn(deps: VouchDeps, key: SignInKey): Promise<boolean> {
  const jws = await deps.store.signIn(key);
  const read = jws === undefined ? undefined : await deps.keys.verify(jws, 'sign-in', signInShape, deps.host);
  return read !== undefined && read.value.from === undefined;
}

function signInFrom(
  { who, host, fingerprint }: RequestFacts,
  { id: batch, host: from, groups, proof }: Batch,
  until: number,
): SignIn {
  const { at, issuedAt, authenticatedAt, amr, acr } = proof;
  return {
    ...{ ...who, host, fingerprint, groups, issuedAt, at, until, from, batch },
    ...(authenticatedAt === undefined ? {} : { authenticatedAt }),
    ...(amr === undefined ? {} : { amr }),
    ...(acr === undefined ? {} : { acr }),
  };
}
