// Fields that many events have, so that each is described once.
import { flag, group, id, instantMs, list, number, oneOf, optional, text, type OptionalField } from './field.ts';

export const request = id('the request');
export const grant = id('the grant');
export const connection = id('the connection');
export const session = text('the name of the session in the policy');
export const login = text('the Unix login of the person');
export const reason = text('the reason, as the person typed it');
export const why = text('why, in words');

/** Of whoever reviews, revokes or locks: their login and claim, `root`, or a host. */
export const by = text('who did it: a login, with the claim of the person behind it where one signed in');

export const refusalCode = text('the code of the refusal; see [refusals.md](refusals.md)');

const issuer = text('the issuer of the OIDC provider');
const subject = text('the subject that the provider gave: this and the issuer are what an identity is');
const claim = text('the value of the claim that names the login');

export const samePerson = { issuer, subject };
export const pinned = { issuer, subject, claim };

export const person = { issuer, subject, login: text('the Unix login'), claim };

/** Said by the client or left by sshd in the environment, and not proved. */
export const claimed = group('what the client claims, and nobody proved', {
  address: text('the address and ports of the ssh connection'),
  fingerprint: text('the fingerprint of the ssh key; empty where there is none'),
});

const amr = optional(list('how the person authenticated, by the provider', text('a method')));
const acr = optional(text('the authentication context class, by the provider'));
const authenticatedAt = optional(instantMs('when the person authenticated, by the provider'));

/** Who signed in, with what the provider says of how. */
export const signedIn = { ...pinned, amr, acr, authenticatedAt };

export const groups = list('the groups of the person, by the provider', text('a group'));

/** Left out where it was the device flow, as in all records before there was another. */
export const flow = optional(
  oneOf('`code`: by the authorization code flow with PKCE, from a link; left out: by the device flow', ['code']),
);

export const proof = group('how the person proved who they are', {
  issuedAt: instantMs('when the provider issued the ID token'),
  authenticatedAt,
  amr,
  acr,
  flow,
  byLink: optional(flag('true: at an approval link; left out: in the terminal')),
});

export const approvers = list('the people whose approvals made the grant', group('a person', person));
export const auto: OptionalField<string> = optional(
  text('the rule of `auto_approve` that approved in the place of people'),
);

/** Of a request that was asked for together with those of other hosts. */
export const ofBatch = optional(
  group('the batch that it is of', {
    id: id('the batch'),
    host: text('the host where it was asked for, whose journal has `batch-requested`'),
    late: optional(flag('true where that host no longer waited: this host then sends the notices by itself')),
  }),
);
export const batch = id('the batch: what was asked for several hosts at once');

export const view = optional(oneOf('what it lets the person do; left out: type', ['view']));
export const terms = optional(text('as what the session runs: session account, kind and privileges'));

const process = group('a process', {
  pid: number('its process id'),
  comm: text('its name'),
  uid: number('the uid that it ran as'),
  ageSeconds: number('for how many seconds it had run'),
});
export const killed = list('the processes that were killed, 40 at most; more of them follow as `killed-too`', process);
export const endedOnRequest = optional(list('the processes that ended when they were asked to, 40 at most', process));
