// The options of `init`, laid over a file of answers.
import { noAnswers, readAnswers, type Given } from '../setup/answers-file.ts';

/** The options as yargs reads them. */
export interface InitOptions {
  readonly from?: string | undefined;
  readonly dryRun: boolean;
  readonly confirm?: string | undefined;
  readonly undo: boolean;
  readonly yes: boolean;
  readonly guard: boolean;
  readonly host?: string | undefined;
  readonly issuer?: string | undefined;
  readonly clientId?: string | undefined;
  readonly clientSecretFile?: string | undefined;
  readonly approvalClientId?: string | undefined;
  readonly approvalSecretFile?: string | undefined;
  readonly loginClaim?: string | undefined;
  readonly stripDomain?: string | undefined;
  readonly groupsClaim?: string | undefined;
  readonly session?: string | undefined;
  readonly runAs?: string | undefined;
  readonly who: readonly string[];
  readonly approvers: readonly string[];
  readonly login?: string | undefined;
  readonly key: readonly string[];
  readonly flow?: string | undefined;
  readonly insecureHttp: boolean;
  readonly insecureUnconfirmed: boolean;
}

/** The answers of a file, with what the options say in its place. @throws SetupFault when the file cannot be used */
export async function givenBy(options: InitOptions): Promise<Given> {
  const {
    oidc,
    session,
    logins,
    host,
    sign_in: signIn,
  } = options.from === undefined ? noAnswers : await readAnswers(options.from);
  const login = options.login === undefined ? [] : [{ name: options.login, keys: [...options.key] }];
  return {
    ...over({ host }, { host: options.host }),
    ...(options.flow === undefined ? { sign_in: signIn } : { sign_in: { ...signIn, flow: options.flow } }),
    oidc: over(oidc, {
      ...{ issuer: options.issuer, client_id: options.clientId, client_secret_file: options.clientSecretFile },
      insecure_http: options.insecureHttp ? true : undefined,
      approval_client: approvalOf(options),
      claims: claimsOf(options),
    }),
    session: over(session, {
      ...{ name: options.session, run_as: options.runAs },
      who: unlessEmpty(options.who),
      approvers: unlessEmpty(options.approvers),
    }),
    logins: [...logins, ...login],
  };
}

const unlessEmpty = (words: readonly string[]): string[] | undefined => (words.length === 0 ? undefined : [...words]);

/** The values of the second where it has some. */
function over<T extends object>(under: T, values: { readonly [K in keyof T]?: T[K] | undefined }): T {
  return { ...under, ...Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) };
}

function approvalOf({ approvalClientId, approvalSecretFile }: InitOptions): Given['oidc']['approval_client'] {
  if (approvalClientId === undefined) return undefined;
  return {
    client_id: approvalClientId,
    ...(approvalSecretFile === undefined ? {} : { client_secret_file: approvalSecretFile }),
  };
}

function claimsOf({ loginClaim, stripDomain, groupsClaim }: InitOptions): Given['oidc']['claims'] {
  if (loginClaim === undefined || groupsClaim === undefined) return undefined;
  const strip = stripDomain === undefined ? {} : { strip_domain: stripDomain };
  return { login: { claim: loginClaim, ...strip }, groups: groupsClaim };
}
