// Refusals about sign-in and identity. How they are written: refusals.ts.
import { exits } from './exits.ts';

export const identityRefusals = {
  PROVIDER_DOWN: {
    exit: exits.unavailable,
    say: 'The identity provider does not answer as it should.',
    hint: 'try again in a minute; if it stays, tell an admin of {host}',
  },
  NO_DEVICE_FLOW: {
    exit: exits.unavailable,
    say: 'The identity provider offers this gate no device login, so nobody can sign in.',
    hint: 'tell an admin of {host}: switch on the device flow (RFC 8628) for the client; see: tmux-gate doctor',
  },
  SIGN_IN_DENIED: {
    exit: exits.noperm,
    say: 'The sign-in was denied at the identity provider.',
    hint: 'connect again to start over',
  },
  SIGN_IN_EXPIRED: {
    exit: exits.tempfail,
    say: 'Nobody completed the sign-in in time.',
    hint: 'connect again for a new code',
  },
  SIGN_IN_OVER: {
    exit: exits.noperm,
    say: 'The identity provider no longer vouches for your sign-in.',
    hint: 'sign in anew: ssh -t {host} {session}',
  },
  MANY_SIGN_INS: {
    exit: exits.tempfail,
    say: '{max} sign-ins of login {login} wait to be completed, and no more may.',
    hint: 'complete one of them, or leave it with Ctrl-C',
  },
  TOKEN_REFUSED: {
    exit: exits.noperm,
    say: 'The identity provider sent a token that cannot be trusted.',
    hint: 'tell an admin of {host}; the log says what is wrong with it',
  },
  GROUPS_OVERAGE: {
    exit: exits.noperm,
    say: 'You are in more groups than the identity provider puts into a sign-in.',
    hint: 'tell an admin of {host}: let the provider send only the groups assigned to this application, or use app roles',
  },
  NOT_THIS_LOGIN: {
    exit: exits.noperm,
    say: 'The person who signed in ({claim}) may not act as login {login}.',
    hint: 'sign in as the owner of {login}, or connect with your own login',
  },
  PIN_MISMATCH: {
    exit: exits.noperm,
    say: 'Login {login} belongs to another person at the identity provider.',
    hint: 'if that changed rightly, an admin of {host} runs: tmux-gate unpin {login}',
  },
} as const;
