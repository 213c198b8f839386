// A batch as it is shown: hosts with the same facts, or the same end, are one line.
import { batchEnds, refusedThere, silentThere, type AskedOn, type BatchShown } from '../../core/messages/batch.ts';
import type { RequestFacts } from '../../core/request.ts';
import { approvedBy } from '../../core/grant.ts';
import { sanitizeLine } from '../../core/text.ts';
import type { HostState } from './host-states.ts';

/** Puts together what gives the same text. @returns each text once, in order, with its values */
export function together<T>(list: readonly T[], textOf: (one: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const one of list) {
    const text = textOf(one);
    groups.set(text, [...(groups.get(text) ?? []), one]);
  }
  return groups;
}

/** What is shown of requests of one batch. @param facts of at least one @param states of hosts that made none */
export function shownOf(facts: readonly RequestFacts[], states: readonly HostState[]): BatchShown | undefined {
  const [first] = facts;
  if (first === undefined) return undefined;
  const { who, address, session, reason, mode, requestedAt } = first;
  return {
    ...{ who, address, session, reason, requestedAt },
    ...(mode === undefined ? {} : { mode }),
    on: askedOn(facts),
    notOn: notOn(states),
  };
}

function askedOn(facts: readonly RequestFacts[]): readonly AskedOn[] {
  const groups = together(facts, ({ account, durationMs, terms }) => JSON.stringify([account, durationMs, terms]));
  return [...groups.values()].map((same) => ({
    hosts: same.map(({ host }) => host),
    account: same[0]?.account ?? '',
    durationMs: same[0]?.durationMs ?? 0,
  }));
}

/** The hosts that made no request, and why. */
export function notOn(states: readonly HostState[]): readonly string[] {
  const refused = states.filter((one) => one.state === 'refused');
  const silent = states.filter(({ state }) => state === 'silent').map(({ host }) => host);
  const said = together(refused, ({ host, says, code }) => JSON.stringify([says.replaceAll(host, ''), code]));
  return [
    ...[...said.values()].map((same) =>
      refusedThere(
        same.map(({ host }) => host),
        same[0]?.says ?? '',
        same[0]?.code ?? '',
      ),
    ),
    ...(silent.length === 0 ? [] : [silentThere(silent)]),
  ];
}

/** What has become of a batch, a line for all hosts with the same end. */
export function endLinesOf(states: readonly HostState[]): readonly string[] {
  return [...together(states, (one) => lineOf(one, [])).values()].map((same) =>
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
      return batchEnds.refused(hosts, one.says, one.code);
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
    ...(one.state === 'refused' ? { code: one.code, says: sanitizeLine(one.says, 200) } : {}),
  }));
}
