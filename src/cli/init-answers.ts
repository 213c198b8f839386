// Completes the answers of `init`: from what was given, from the policy that is there, and by asking at a terminal.
import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { badAnswer, missingAnswers } from '../core/messages/setup-faults.ts';
import { questions, withDefault, withoutDefault } from '../core/messages/setup.ts';
import { isLogin, isSessionName } from '../core/ids.ts';
import type { Config } from '../core/policy-types.ts';
import type { Answers, ClientAnswer, LoginAnswer, ProviderAnswer, SessionAnswer } from '../core/setup-rules/answers.ts';
import type { Given } from '../setup/answers-file.ts';
import { SetupFault } from '../setup/fault.ts';
import { keysFrom } from '../setup/keys.ts';
import { requireName } from '../setup/login-changes.ts';
import { askHidden } from './probe/passphrase.ts';
import { question } from './setup-screen.ts';

/** Where answers come from that were not given. */
interface Sources {
  /** Whether there is a terminal to ask at. */
  readonly asks: boolean;
  /** The options that nobody could be asked for. */
  readonly missing: string[];
}

/**
 * The answers, complete. What was not given is asked; without a terminal it is missing.
 * @param known the policy that is there
 * @throws SetupFault with every missing answer at once, or for one that cannot be used
 */
export async function completeAnswers(given: Given, known: Config | undefined): Promise<Answers> {
  const sources: Sources = { asks: process.stdin.isTTY, missing: [] };
  const host = given.host ?? known?.host ?? (await text(sources, { ask: questions.host, usual: hostname() }));
  const oidc = await provider(sources, given.oidc, known);
  const session = await sessionOf(sources, given.session, known);
  const logins = await loginsOf(sources, given.logins, known);
  if (sources.missing.length > 0) throw new SetupFault(missingAnswers(sources.missing));
  const signIn = given.sign_in;
  return { host, oidc, session, logins, ...(signIn === undefined ? {} : { signIn }) };
}

interface Question {
  readonly ask: string;
  readonly option?: string;
  readonly usual?: string;
}

/** One answer: asked at a terminal; else the usual one, or missing. */
async function text(sources: Sources, { ask, option, usual }: Question): Promise<string> {
  if (!sources.asks) {
    if (usual === undefined && option !== undefined) sources.missing.push(option);
    return usual ?? '';
  }
  for (;;) {
    const said = await question(usual === undefined ? withoutDefault(ask) : withDefault(ask, usual));
    if (said === undefined) throw new SetupFault(missingAnswers([option ?? ask]));
    if (said !== '' || usual !== undefined) return said === '' ? (usual ?? '') : said;
  }
}

const list = (said: string): readonly string[] =>
  said
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');

async function provider(sources: Sources, given: Given['oidc'], known: Config | undefined): Promise<ProviderAnswer> {
  const insecureHttp = given.insecure_http ?? known?.oidc.insecureHttp ?? false;
  const issuer =
    given.issuer ?? known?.oidc.issuer ?? (await text(sources, { ask: questions.issuer, option: '--issuer' }));
  const clientId =
    given.client_id ??
    known?.oidc.clientId ??
    (await text(sources, { ask: questions.clientId, option: '--client-id', usual: 'tmux-gate' }));
  const asksSecret = sources.asks && given.client_id === undefined && known === undefined;
  const secret = await secretOf(given.client_secret_file, asksSecret ? questions.secret : undefined);
  const approval = await approvalOf(sources, given, known);
  const { claims, settings } = given;
  return {
    ...{ issuer, clientId, insecureHttp },
    ...(secret === undefined ? {} : { secret }),
    ...(approval === undefined ? {} : { approval }),
    ...(claims === undefined ? {} : { claims }),
    ...(settings === undefined ? {} : { settings }),
  };
}

async function approvalOf(
  sources: Sources,
  given: Given['oidc'],
  known: Config | undefined,
): Promise<ClientAnswer | undefined> {
  const { approval_client: client } = given;
  if (client !== undefined) return clientOf(client.client_id, await secretOf(client.client_secret_file, undefined));
  if (!sources.asks || known !== undefined || given.client_id !== undefined) return undefined;
  const clientId = await text(sources, { ask: questions.approvalClient, usual: '' });
  return clientId === '' ? undefined : clientOf(clientId, await secretOf(undefined, questions.approvalSecret));
}

const clientOf = (clientId: string, secret: string | undefined): ClientAnswer => ({
  clientId,
  ...(secret === undefined ? {} : { secret }),
});

/** A secret from a file, or typed where nobody sees it; undefined when there is none. */
async function secretOf(file: string | undefined, prompt: string | undefined): Promise<string | undefined> {
  if (file === undefined) {
    const typed = prompt === undefined ? '' : await askHidden(process.stdin, prompt);
    return typed === '' ? undefined : typed;
  }
  const secret = await readFile(file, 'utf8').catch(() => '');
  if (secret.trim() === '') throw new SetupFault(badAnswer('client_secret_file', file));
  return secret.trim();
}

async function sessionOf(sources: Sources, given: Given['session'], known: Config | undefined): Promise<SessionAnswer> {
  const [first] = Object.values(known?.sessions ?? {});
  const name = given.name ?? first?.name ?? (await text(sources, { ask: questions.session, option: '--session' }));
  const there = known?.sessions[name];
  const runAs =
    given.run_as ?? there?.runAs ?? (await text(sources, { ask: questions.runAs, option: '--run-as', usual: name }));
  const who = given.who ?? there?.who ?? list(await text(sources, { ask: questions.who, option: '--who' }));
  const approvers =
    given.approvers ??
    there?.approvers.groups ??
    list(await text(sources, { ask: questions.approvers, option: '--approvers' }));
  if (name !== '' && !isSessionName(name)) throw new SetupFault(badAnswer('--session', name));
  if (runAs !== '' && (!isLogin(runAs) || runAs.includes('@'))) throw new SetupFault(badAnswer('--run-as', runAs));
  return {
    name,
    runAs,
    who,
    approvers,
    count: given.count ?? 1,
    window: given.window ?? { default: '30m', max: '1h' },
  };
}

async function loginsOf(
  sources: Sources,
  given: Given['logins'],
  known: Config | undefined,
): Promise<readonly LoginAnswer[]> {
  const named = given.length > 0 || !sources.asks || known !== undefined ? given : await asked(sources);
  const logins: LoginAnswer[] = [];
  for (const { name, keys } of named) {
    requireName(name);
    logins.push({ name, keys: await keysFrom(keys) });
  }
  return logins;
}

async function asked(sources: Sources): Promise<Given['logins']> {
  const name = await text(sources, { ask: questions.login, usual: '' });
  return name === '' ? [] : [{ name, keys: [await text(sources, { ask: questions.key, option: '--key' })] }];
}
