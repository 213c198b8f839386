// The notice of a request that waits: the facts as this host has them, and the approval link if there is one. Nothing else ever contains
// link or code (law 11).
import type { DeviceLogin } from '../../adapters/oidc.ts';
import type { Identity } from '../../core/identity.ts';
import { linkWarning, somebodyUnproved } from '../../core/messages/notices.ts';
import type { Notice } from '../../core/notice.ts';
import type { Refused } from '../../core/refusal.ts';
import type { RequestFacts } from '../../core/request.ts';
import { formatDuration, formatInstant } from '../../core/time.ts';
import { typesNothing } from '../../core/messages/request.ts';

/** An approval link at the provider. */
export interface Link {
  readonly login: DeviceLogin;
  /** When it was asked for, and until when it works: milliseconds since the epoch. */
  readonly began: number;
  readonly ends: number;
}

/** The notice `requested`. @param approvers who may approve, in words. */
export function requestedNotice(facts: RequestFacts, approvers: string, link: Link | undefined): Notice {
  const { id, host, session, account, who, address, reason, durationMs, extends: prolonged } = facts;
  return {
    event: 'requested',
    request: id,
    host,
    session,
    account,
    login: who.login,
    identity: who.claim,
    from: address,
    reason,
    ...(facts.mode === undefined ? {} : { mode: typesNothing }),
    for: formatDuration(durationMs),
    ...(prolonged === undefined ? {} : { extends: prolonged.grant }),
    approvers,
    approve: `ssh ${host} approve ${id}`,
    ...(link === undefined ? {} : linkFacts(link)),
  };
}

function linkFacts({ login: { uri, uriComplete, code }, ends }: Link): Partial<Notice> {
  return { link: uriComplete ?? uri, code, linkEnds: formatInstant(ends), warning: linkWarning };
}

/** The notice `link-refused`. @param identity who completed the link; undefined when the sign-in failed. */
export function refusedNotice(facts: RequestFacts, { code }: Refused, identity: Identity | undefined): Notice {
  const { id: request, host, session, who } = facts;
  const by = identity?.claim ?? somebodyUnproved;
  return { event: 'link-refused', request, host, session, login: who.login, by, why: code };
}
