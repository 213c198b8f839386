// A batch as it is shown: hosts with the same facts, or the same end, are one line.
import { batchEnds, refusedThere, silentThere, type AskedOn, type BatchShown } from '../../core/messages/batch.ts';
import type { Batch } from '../../core/batch.ts';
import type { RequestFacts } from '../../core/request.ts';
import { approvedBy } from '../../core/grant.ts';
import { sanitizeLine } from '../../core/text.ts';
import type { HostState } from './host-states.ts';

/** What approvers read that is the same for all hosts: of the batch, or of a request of it, which has the same (core/batch.ts, rule 2). */
export type SharedFacts = Pick<Batch & RequestFacts, 'who' | 'address' | 'session' | 'reason' | 'requestedAt'> & {
  readonly mode?: 'view';
  readonly askedOn: string;
};

/** What is shown of requests of one batch; undefined when there are none. @param states of hosts that made none */
export function shownOf(
  batch: Batch,
  facts: readonly RequestFacts[],
  states: readonly HostState[],
): BatchShown | undefined {
  return facts.length === 0 ? undefined : shownWith({ ...batch, askedOn: batch.host }, facts, states);
}

/** The same with facts that were compared already. */
export function shownWith(
  { who, address, session, reason, mode, requestedAt, askedOn }: SharedFacts,
  facts: readonly RequestFacts[],
  states: readonly HostState[],
): BatchShown {
  return {
    ...{ who, address, session, reason, requestedAt, askedOn },
    ...(mode === undefined ? {} : { mode }),
    on: groupsOf(facts),
    notOn: notOn(states),
  };
}

function groupsOf(facts: readonly RequestFacts[]): readonly AskedOn[] {
  const groups = Map.groupBy(facts, ({ account, durationMs, terms, who }) =>
    JSON.stringify([account, durationMs, terms, who.login]),
  );
  return [...groups.values()].map((same) => ({
    hosts: same.map(({ host }) => host),
    account: same[0]?.account ?? '',
    login: same[0]?.who.login ?? '',
    durationMs: same[0]?.durationMs ?? 0,
  }));
}

/** The hosts that made no request, and why. */
export function notOn(states: readonly HostState[]): readonly string[] {
  const refused = states.filter((one) => one.state === 'refused');
  const silent = states.filter(({ state }) => state === 'silent').map(({ host }) => host);
  const said = Map.groupBy(refused, ({ host, says, hint, code }) =>
    JSON.stringify([says.replaceAll(host, ''), hint.replaceAll(host, ''), code]),
  );
  return [
    ...[...said.values()].flatMap((same) => {
      const [first] = same;
      return first === undefined
        ? []
        : [
            refusedThere(
              same.map(({ host }) => host),
              first,
            ),
          ];
    }),
    ...(silent.length === 0 ? [] : [silentThere(silent)]),
  ];
}

/** What has become of a batch, a line for all hosts with the same end. */
export function endLinesOf(states: readonly HostState[]): readonly string[] {
  return [...Map.groupBy(states, (one) => lineOf(one, [])).values()].map((same) =>
    same[0] === undefined
      ? ''
      : lineOf(
          same[0],
          same.map(({ host }) => host),
        ),
  );
}

function lineOf(one: HostState, hosts: readonly string[]): string {
  switch (one.state) {
    case 'approved':
      return batchEnds.approved(hosts, one.grant.end, sanitizeLine(approvedBy(one.grant), 200));
    case 'denied':
      return batchEnds.denied(hosts, sanitizeLine(one.by, 120), sanitizeLine(one.says, 300));
    case 'refused':
      return batchEnds.refused(hosts, one);
    case 'silent':
    case 'pending':
    case 'withdrawn':
    case 'lapsed':
    case 'over':
      return batchEnds[one.state](hosts);
  }
}

/** The same for programs. */
export function rowsOf(states: readonly HostState[]): readonly Readonly<Record<string, unknown>>[] {
  return states.map((one) => ({
    host: one.host,
    state: one.state,
    ...('member' in one ? { request: one.member.facts.id } : {}),
    ...(one.state === 'approved' ? { grant: one.grant.id, until: one.grant.end, by: approvedBy(one.grant) } : {}),
    ...(one.state === 'denied' ? { by: sanitizeLine(one.by, 120), says: sanitizeLine(one.says, 300) } : {}),
    ...(one.state === 'refused'
      ? { code: one.code, says: sanitizeLine(one.says, 200), hint: sanitizeLine(one.hint, 200) }
      : {}),
  }));
}
