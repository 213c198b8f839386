// To whom the tmux server of a session belongs (docs/design.md, "One visit").
//
// 1. A shared session has one server for everyone who has a grant.
// 2. A dedicated session has one server for each person. It starts with the first of their grants that is used. A further grant that
//    overlaps (an extension, a second request) leads to the same server, and the server ends with the last of these grants. Nobody else's
//    grant ever leads to it. A person is login, issuer and subject together. Attack: somebody gets into another person's session by a grant
//    for the same session name.
import type { SamePerson } from '../../core/identity.ts';
import type { SessionPolicy } from '../../core/policy-types.ts';

/** A person: all three must be equal (rule 2). */
export type Owner = SamePerson & { readonly login: string };

/** The owner of the server that this person's grant leads to; undefined when the session is shared. */
export function ownerOf<T extends Owner>(policy: Pick<SessionPolicy, 'kind'> | undefined, who: T): T | undefined {
  return policy?.kind === 'dedicated' ? who : undefined;
}

/** The key of a server: one key, one server. A session's name contains no bracket, so no person's key equals that of a shared session. */
export function keyOf(session: string, owner: Owner | undefined): string {
  return owner === undefined ? session : JSON.stringify([session, owner.login, owner.issuer, owner.subject]);
}
