// Refusals about sign-in and identity. How they are written: refusals.ts.
import { exits } from './exits.ts';
import type { ExplainedRefusal } from './refusal-text.ts';

export const identityRefusals = {
  PROVIDER_DOWN: {
    exit: exits.unavailable,
    say: 'The identity provider does not answer, or not correctly.',
    hint: 'try again in a minute; if it fails again, tell an admin of {host}',
    means:
      'The provider did not answer, or not as OpenID Connect says. `tmux-gate status` (root) and the log say which.',
  },
  NO_DEVICE_FLOW: {
    exit: exits.unavailable,
    say: 'The identity provider has no device login for tmux-gate, so nobody can sign in.',
    hint: 'tell an admin of {host}: switch on the device flow (RFC 8628) for the client, or use sign_in.flow: code; see: tmux-gate doctor',
    means: 'The provider has no device endpoint, or this client may not use it.',
  },
  SIGN_IN_DENIED: {
    exit: exits.noperm,
    say: 'The sign-in was denied at the identity provider.',
    hint: 'connect again to start over',
    means: 'The person, or a rule of the provider, said no.',
  },
  SIGN_IN_EXPIRED: {
    exit: exits.tempfail,
    say: 'Nobody completed the sign-in in time.',
    hint: 'connect again for a new code',
    means: 'A code lives five minutes at most. The provider may also have forgotten it.',
  },
  SIGN_IN_OVER: {
    exit: exits.noperm,
    say: 'The identity provider no longer accepts your sign-in.',
    hint: 'sign in anew: ssh -t {host} {session}',
    means: 'A refresh at the provider was refused: the account was disabled or its sessions were ended there.',
  },
  MANY_SIGN_INS: {
    exit: exits.tempfail,
    say: 'Login {login} has {max} unfinished sign-ins, and no more are allowed.',
    hint: 'complete one of them, or leave it with Ctrl-C',
    means: 'At most that many codes of one login are open at once, so that nobody floods the provider.',
  },
  TOKEN_REFUSED: {
    exit: exits.noperm,
    say: 'The identity provider sent a token that tmux-gate cannot trust.',
    hint: 'tell an admin of {host}; the log says what is wrong with it',
    means:
      'Signature, issuer, audience, times or a claim of the ID token are not right, or the token is older than what it should prove.',
  },
  GROUPS_OVERAGE: {
    exit: exits.noperm,
    say: 'You are in more groups than the identity provider puts into a sign-in.',
    hint: 'tell an admin of {host}: let the provider send only the groups assigned to this application, or use app roles',
    means:
      'The provider left the groups out because there are too many (Entra ID does). Without groups nobody is let in.',
  },
  GROUPS_FILE: {
    exit: exits.unavailable,
    say: 'The list of groups on this host cannot be read, so nobody can sign in.',
    hint: 'tell an admin of {host}: tmux-gate policy check',
    means:
      '`oidc.claims.groups_file` is missing, malformed or writable by others than root. The log says what is wrong with it.',
  },
  FOREIGN_ACCOUNT: {
    exit: exits.noperm,
    say: 'This account at the identity provider is not one of those that may sign in here.',
    hint: 'connect again, and sign in with your account of this organization',
    means: 'The ID token lacks a claim that `oidc.claims.require` names, or it has another value. The log says which.',
  },
  NOT_THIS_LOGIN: {
    exit: exits.noperm,
    say: 'The person who signed in ({claim}) may not act as login {login}.',
    hint: 'sign in as the owner of {login}, or connect with your own login',
    means:
      'The claim does not map to the login by `oidc.claims.login`. The code may have been completed by somebody else.',
  },
  PEER_PROOF: {
    exit: exits.noperm,
    say: 'How you signed in where you asked is not enough for {host}.',
    hint: 'ask on {host} itself: ssh -t {host}',
    means:
      'The host where a request for several hosts was made signs people in at another provider, or asks less of it (`oidc.claims.require`, `insecure_unstated_email`). The log says what.',
  },
  PIN_MISMATCH: {
    exit: exits.noperm,
    say: 'Login {login} belongs to another person at the identity provider.',
    hint: 'if the login has a new owner, an admin of {host} types: tmux-gate unpin {login}',
    means:
      'The login was first used by another issuer and subject. A name that was given to a new person looks like this, and so does an attack.',
  },
} as const satisfies Readonly<Record<string, ExplainedRefusal>>;
