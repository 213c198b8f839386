// Which claims name the login and the groups: proposed by what a real token of the provider carries, decided by the admin.
import {
  claimsSeen,
  noRefreshToken,
  pasteAddress,
  proposed,
  questions,
  signInByLink,
  signInNow,
  waitingForSignIn,
  withDefault,
  withoutDefault,
} from '../core/messages/setup.ts';
import { noClaims } from '../core/messages/setup-faults.ts';
import type { LoginRule } from '../core/identity.ts';
import type { Answers, PolicyKeys } from '../core/setup-rules/answers.ts';
import { claimRows, proposeClaims, type Proposal } from '../core/setup-rules/claims.ts';
import { SetupFault } from '../setup/fault.ts';
import { seeToken, type SignInScreen } from '../setup/provider-look.ts';
import { askHidden } from './probe/passphrase.ts';
import type { Screen } from './render.ts';
import { question } from './setup-screen.ts';

const signInMs = 300_000;

/** Has the admin sign in once, shows the claims, and asks which to take. @throws SetupFault when that fails, or nobody can be asked */
export async function chooseClaims(screen: Screen, answers: Answers): Promise<PolicyKeys> {
  const { claims, hasRefreshToken } = await seeToken(answers, signInScreen(screen), AbortSignal.timeout(signInMs));
  const proposal = proposeClaims(claims);
  screen.note(claimsSeen(claimRows(claims)));
  screen.note(proposed(proposal));
  if (!hasRefreshToken) screen.note([noRefreshToken]);
  return process.stdin.isTTY ? chosen(proposal) : asProposed(proposal);
}

function signInScreen(screen: Screen): SignInScreen {
  return {
    device: ({ uri, uriComplete, code }) => {
      screen.note(signInNow(uriComplete ?? uri, code));
      screen.wait(waitingForSignIn);
    },
    link: async (link) => {
      screen.note(signInByLink(link));
      if (!process.stdin.isTTY) throw new SetupFault(noClaims);
      return askHidden(process.stdin, pasteAddress);
    },
  };
}

function asProposed({ login, groups }: Proposal): PolicyKeys {
  if (groups === undefined) throw new SetupFault(noClaims);
  return { login: keysOf(login), groups };
}

/** A rule as the policy spells it. */
function keysOf(rule: LoginRule): PolicyKeys {
  if ('map' in rule) return { claim: rule.claim, map: rule.map };
  return { claim: rule.claim, ...(rule.stripDomain === undefined ? {} : { strip_domain: rule.stripDomain }) };
}

async function chosen(proposal: Proposal): Promise<PolicyKeys> {
  const claim = await answer(questions.loginClaim, proposal.login.claim);
  const usual =
    'stripDomain' in proposal.login && claim === proposal.login.claim ? proposal.login.stripDomain : undefined;
  const domain = await answer(questions.stripDomain, usual ?? '');
  const login = domain === '' ? { claim } : { claim, strip_domain: domain };
  return { login, groups: await answer(questions.groupsClaim, proposal.groups ?? 'groups') };
}

async function answer(ask: string, usual: string): Promise<string> {
  const said = await question(usual === '' ? withoutDefault(ask) : withDefault(ask, usual));
  return said === undefined || said === '' ? usual : said;
}
