// What has become of a batch at each of its hosts, for whoever asked and for who reviews. It is only shown; what opens is each host's own
// grant.
import type { GrantFilter } from '../../adapters/redis/store.ts';
import { grantShape, type Grant } from '../../core/grant.ts';
import type { BatchAnswer } from '../../core/batch.ts';
import { isSamePerson } from '../../core/identity.ts';
import { personName } from '../../core/person-name.ts';
import { membersOf, type Member, type ReadBatch, type ReadBatchDeps } from './read-batch.ts';

/** What has become of a batch at one host. */
export type HostState =
  | { readonly host: string; readonly state: 'silent' }
  | {
      readonly host: string;
      readonly state: 'refused';
      readonly code: string;
      readonly says: string;
      readonly hint: string;
    }
  | { readonly host: string; readonly state: 'pending' | 'withdrawn' | 'lapsed' | 'over'; readonly member: Member }
  | {
      readonly host: string;
      readonly state: 'denied';
      readonly member: Member;
      readonly by: string;
      readonly says: string;
    }
  | { readonly host: string; readonly state: 'approved'; readonly member: Member; readonly grant: Grant };

/** The states, in the order of the hosts of the batch. @throws Refused REDIS_DOWN */
export async function hostStates(deps: ReadBatchDeps, read: ReadBatch): Promise<readonly HostState[]> {
  const members = new Map((await membersOf(deps, read)).map((member) => [member.facts.host, member]));
  return Promise.all(
    read.batch.hosts.map(async (host): Promise<HostState> => {
      const [answer, member] = [read.answers.get(host), members.get(host)];
      if (member !== undefined) return stateOf(deps, member, answer);
      if (answer?.code === undefined) return { host, state: 'silent' };
      return { host, state: 'refused', code: answer.code, says: answer.says ?? '', hint: answer.hint ?? '' };
    }),
  );
}

async function stateOf(deps: ReadBatchDeps, member: Member, answer: BatchAnswer | undefined): Promise<HostState> {
  const { facts, reviews, state } = member;
  const { host } = facts;
  if (state === 'pending' || state === 'withdrawn' || state === 'lapsed') return { host, state, member };
  const denial = reviews.find(({ verdict }) => verdict === 'deny');
  const by = answer?.by ?? (denial === undefined ? '' : personName(denial.by));
  if (state === 'denied') return { host, state, member, by, says: answer?.says ?? denial?.reason ?? '' };
  const grant = await grantOf(deps, member);
  return grant === undefined ? { host, state: 'over', member } : { host, state, member, grant };
}

/** The live grant that its host signed for this request; undefined when it has ended, or the store says what is not so (law 8). */
async function grantOf(deps: ReadBatchDeps, { facts }: Member): Promise<Grant | undefined> {
  const { host, session, who, id } = facts;
  const filter: GrantFilter = { host, session, login: who.login };
  for (const { jws } of await deps.store.live(filter)) {
    const read = await deps.keys.verify(jws, 'grant', grantShape, host);
    if (read?.value.request === id && isSamePerson(read.value.who, who)) return read.value;
  }
  return undefined;
}
