// Refusals of a sign-in by the authorization code flow. How they are written: refusals.ts. While the person may paste another address, they
// read the sentence of an ADDRESS_* with another hint (messages/code-sign-in.ts, `addressSlip`).
import { exits } from './exits.ts';
import type { ExplainedRefusal } from './refusal-text.ts';

const copyAll = 'connect again for a new link, and copy all of the address bar, from http to the end';
const anew = 'connect again, open the new link, and paste the address that comes of it';

export const codeFlowRefusals = {
  NO_CODE_FLOW: {
    exit: exits.unavailable,
    say: 'The identity provider does not let tmux-gate sign people in by a link.',
    hint: 'tell an admin of {host}: allow the client the authorization code flow with PKCE and register the redirect address; see: tmux-gate doctor',
    means:
      'The provider has no authorization endpoint or no PKCE by S256, or this client may not use the flow, its scopes or its redirect address (`oidc.redirect_uri`).',
  },
  ADDRESS_INCOMPLETE: {
    exit: exits.data,
    say: 'That is not the whole address at which your browser ended.',
    hint: copyAll,
    means: 'What was pasted is no address, or lacks a part, or has a part twice. Several tries are allowed.',
  },
  ADDRESS_CUT: {
    exit: exits.data,
    say: 'Your terminal seems to have cut off the end of the address.',
    hint: 'run the same command with ssh -t, which takes the whole address',
    means:
      'Without `-t` the line is read by the terminal of the client, which keeps 1024 characters on macOS and 4095 on Linux.',
  },
  ADDRESS_BARE: {
    exit: exits.data,
    say: 'A code without its address is refused, because nothing shows that it belongs to this sign-in.',
    hint: copyAll,
    means: 'Only the `code` was pasted, or an address without `state`, which binds it to one sign-in.',
  },
  ADDRESS_ELSEWHERE: {
    exit: exits.data,
    say: 'That is another address than the one at which your browser ends.',
    hint: 'connect again for a new link, sign in there, and paste what your browser shows at the end',
    means: 'The address that was pasted is not at `oidc.redirect_uri`. Often it is the link itself.',
  },
  ADDRESS_OF_ANOTHER: {
    exit: exits.noperm,
    say: 'That address belongs to another sign-in, which waits in another terminal.',
    hint: 'paste it in the terminal that showed its link',
    means: 'The `state` is of another conversation with this host. Its code was not used.',
  },
  ADDRESS_UNKNOWN: {
    exit: exits.noperm,
    say: 'That address does not belong to this sign-in.',
    hint: anew,
    means: 'The `state` is not of this sign-in, nor of another one that this keeper knows. Its code was not used.',
  },
  ADDRESS_USED: {
    exit: exits.noperm,
    say: 'That address was used before, and works only once.',
    hint: anew,
    means: 'The `state` is of a sign-in that somebody completed, or tried to.',
  },
  ADDRESS_OLD: {
    exit: exits.noperm,
    say: 'That address is of a sign-in that is over.',
    hint: anew,
    means: 'The `state` is of a sign-in that was left, or that is older than five minutes. Its code was not used.',
  },
  ADDRESS_NEEDED: {
    exit: exits.usage,
    say: 'Signing in needs an address that you paste, and the standard input of this command is closed.',
    hint: 'run the same command in a terminal, with ssh -t and without -n',
    means: 'Standard input ended before an address came, and `sign_in.flow` lets nobody sign in otherwise here.',
  },
  PROVIDER_MIXED_UP: {
    exit: exits.noperm,
    say: 'That address came from another identity provider than the one that was asked.',
    hint: 'tell an admin of {host}; the log says more',
    means:
      'The `iss` of the address is not the issuer of the policy, or is missing although the provider says that it sends it (RFC 9207). It may be an attack.',
  },
  CODE_REFUSED: {
    exit: exits.tempfail,
    say: 'The identity provider no longer accepts the code of that address.',
    hint: 'connect again for a new link, and paste its address at once',
    means: 'The code was redeemed before, is too old for the provider, or belongs to another client.',
  },
  SIGN_IN_STALE: {
    exit: exits.noperm,
    say: 'The identity provider did not make you sign in anew, which this needs.',
    hint: 'try again and enter your password at the provider; if that does not help, tell an admin of {host}',
    means:
      'The `auth_time` of the ID token is before the act began, or is missing although the provider names it among its claims.',
  },
} as const satisfies Readonly<Record<string, ExplainedRefusal>>;
