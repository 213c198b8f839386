// Whose server a session is (docs/design.md, "One visit").
//
// 1. A shared session has one server, for everyone who holds a grant.
// 2. A dedicated one has a server for each person: it starts with the first of their grants that is used, a further grant that
//    overlaps (an extension, a second request) comes back to it, and it ends with the last of them. Nobody else's grant ever
//    leads to it: a person is login, issuer and subject together.
import type { SamePerson } from '../../core/identity.ts';
import type { SessionPolicy } from '../../core/policy-types.ts';

export type Owner = SamePerson & { readonly login: string };

/** Undefined: everyone's. */
export function ownerOf<T extends Owner>(policy: Pick<SessionPolicy, 'kind'> | undefined, who: T): T | undefined {
  return policy?.kind === 'dedicated' ? who : undefined;
}

/** One key, one server. A session's name holds no bracket, so no person makes the key of a shared session. */
export function keyOf(session: string, owner: Owner | undefined): string {
  return owner === undefined ? session : JSON.stringify([session, owner.login, owner.issuer, owner.subject]);
}
