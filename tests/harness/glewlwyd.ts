// Glewlwyd (Debian's package), an identity provider that nobody here wrote, in a folder of its own, with one person and one public client. It
// is set up by its own HTTP API, which takes a second.
//
// 1. Its pages are a program for a browser. What that program does over HTTP is done here: it posts the password, grants the scope, and
//    goes back to where the provider sent the browser, with `g_continue`.
import { spawn, type ChildProcess } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { must } from '../../scripts/sandbox/exec.ts';
import type { PersonAccount } from '../../scripts/sandbox/provider-messages.ts';
import { freePort } from '../../scripts/sandbox/sockets.ts';

export interface Glewlwyd extends AsyncDisposable {
  readonly issuer: string;
  /** Signs in at a link of the code flow, in a new browser. @returns the address at which the browser ends */
  addressFrom(link: string): Promise<string>;
  /** Completes a device login, in a new browser. */
  complete(uri: string): Promise<void>;
}

const libraries = '/usr/lib/glewlwyd';
const schema = '/usr/share/dbconfig-common/data/glewlwyd/install/sqlite3';

/** Where the browser ends. */
const redirect = 'http://127.0.0.1:8400/';

const settings = (folder: string, port: number): string => `port=${port}
bind_address="127.0.0.1"
external_url="http://127.0.0.1:${port}"
login_url="login.html"
api_prefix="api"
static_files_path="/usr/share/glewlwyd/webapp/"
log_mode="console"
log_level="ERROR"
cookie_domain="127.0.0.1"
cookie_secure=0
session_key="SESSION"
admin_scope="g_admin"
profile_scope="g_profile"
user_module_path="${libraries}/user"
client_module_path="${libraries}/client"
user_auth_scheme_module_path="${libraries}/scheme"
plugin_module_path="${libraries}/plugin"
hash_algorithm="SHA512"
database={ type="sqlite3"; path="${folder}/db"; };
`;

function keys(): { key: string; cert: string } {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const pem = { format: 'pem' } as const;
  return { key: privateKey.export({ type: 'pkcs1', ...pem }), cert: publicKey.export({ type: 'spki', ...pem }) };
}

const claim = (name: string, property: string, more: object) => ({
  ...{ name, 'user-property': property, mandatory: true, 'on-demand': false, scope: [], ...more },
});

const plugin = (issuer: string) => ({
  ...{ module: 'oidc', name: 'oidc', display_name: 'oidc' },
  parameters: {
    ...{ iss: issuer, 'jwt-type': 'rsa', 'jwt-key-size': '256', ...keys(), 'jwks-show': true, 'oauth-as-iss-id': true },
    ...{
      'access-token-duration': 3600,
      'refresh-token-duration': 86_400,
      'code-duration': 60,
      'subject-type': 'public',
    },
    ...{ 'refresh-token-rolling': true, 'auth-type-code-enabled': true, 'auth-type-code-revoke-replayed': true },
    ...{ 'auth-type-device-enabled': true, 'device-authorization-expiration': 300, 'device-authorization-interval': 1 },
    ...{ 'auth-type-refresh-enabled': true, 'allow-non-oidc': false, 'auth-type-password-enabled': false },
    ...{ 'pkce-allowed': true, 'pkce-required': true, 'pkce-method-plain-allowed': false },
    ...{ 'name-claim': 'mandatory', 'email-claim': 'mandatory', 'scope-claim': 'no', scope: [] },
    claims: [
      claim('groups', 'groups', { type: 'string' }),
      claim('email_verified', 'verified', { type: 'boolean', 'boolean-value-true': '1', 'boolean-value-false': '0' }),
    ],
  },
});

const property = (multiple: boolean) => ({
  ...{ multiple, read: true, write: true, 'profile-read': false, 'profile-write': false },
});

const people = {
  ...{ module: 'database', name: 'database', display_name: 'people', order_rank: 0, readonly: false, enabled: true },
  parameters: {
    'use-glewlwyd-connection': true,
    'data-format': { groups: property(true), verified: property(false) },
  },
};

const client = {
  ...{ client_id: 'tmux-gate', name: 'tmux-gate', confidential: false, enabled: true, scope: [] },
  ...{ redirect_uri: [redirect], authorization_type: ['code', 'refresh_token', 'device_authorization'] },
};

const userOf = ({ username, fullName, email, password, groups }: PersonAccount) => ({
  ...{ username, name: fullName, email, password, groups, verified: '1', enabled: true, scope: ['openid'] },
});

/** What calls the API with the cookie of one sign-in. */
class Session {
  readonly #api: string;
  #cookie = '';

  constructor(api: string) {
    this.#api = api;
  }

  async signIn(username: string, password: string): Promise<this> {
    const { headers } = await this.call('POST', 'auth/', { username, password });
    this.#cookie = headers.getSetCookie().map((line) => line.split(';')[0])[0] ?? '';
    return this;
  }

  async call(method: string, path: string, body?: object): Promise<Response> {
    const response = await fetch(`${this.#api}/${path}`, {
      ...{ method, headers: { 'content-type': 'application/json', cookie: this.#cookie }, redirect: 'manual' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (response.status !== 200) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return response;
  }

  /** Where the provider sends the browser from this page. */
  async onward(url: string): Promise<string> {
    const { headers } = await fetch(url, { headers: { cookie: this.#cookie }, redirect: 'manual' });
    return headers.get('location') ?? '';
  }
}

/** Starts it, and waits until it is set up. */
export async function startGlewlwyd(person: PersonAccount): Promise<Glewlwyd> {
  const folder = mkdtempSync(join(tmpdir(), 'tmux-gate-glewlwyd-'));
  const port = await freePort();
  const file = join(folder, 'conf');
  writeFileSync(file, settings(folder, port));
  const sql = `PRAGMA synchronous=off; BEGIN; ${readFileSync(schema, 'utf8')} COMMIT;`;
  await must('sqlite3', [join(folder, 'db')], { input: sql });
  const daemon = spawn('glewlwyd', [`--config-file=${file}`], { stdio: 'ignore', env: {} });
  const stop = async (): Promise<void> => {
    await ended(daemon);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    return { ...(await setUp(`http://127.0.0.1:${port}/api`, person)), [Symbol.asyncDispose]: stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function ended(daemon: ChildProcess): Promise<void> {
  if (daemon.exitCode !== null || daemon.signalCode !== null) return;
  const gone = once(daemon, 'exit');
  daemon.kill('SIGKILL');
  await gone;
}

async function answers(api: string): Promise<void> {
  for (let left = 200; left > 0; left--) {
    if (await fetch(`${api}/auth/`).then(() => true, () => false)) return; // prettier-ignore
    await delay(50);
  }
  throw new Error('glewlwyd does not answer');
}

async function setUp(api: string, person: PersonAccount): Promise<Omit<Glewlwyd, keyof AsyncDisposable>> {
  await answers(api);
  const issuer = `${api}/oidc`;
  const admin = await new Session(api).signIn('admin', 'password');
  await admin.call('PUT', 'mod/user/database', people);
  await admin.call('PUT', 'mod/user/database/reset');
  await admin.call('POST', 'mod/plugin/', plugin(issuer));
  await admin.call('POST', 'client/', client);
  await admin.call('POST', 'user/', userOf(person));
  const browser = async (): Promise<Session> => {
    const session = await new Session(api).signIn(person.username, person.password);
    await session.call('PUT', 'auth/grant/tmux-gate', { scope: 'openid' });
    return session;
  };
  /** Rule 1. */
  const through = async (url: string): Promise<string> => {
    const login = await new Session(api).onward(url);
    const back = new URL(login).searchParams.get('callback_url');
    return back === null ? login : (await browser()).onward(`${back}&g_continue`);
  };
  return {
    issuer,
    addressFrom: through,
    complete: async (uri) => {
      const done = await through(uri);
      if (!done.includes('prompt=deviceComplete')) throw new Error(`glewlwyd says: ${done}`);
    },
  };
}
