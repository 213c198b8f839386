// What peculiar providers mean for people, over ssh: groups by a file of root's, groups that do not fit, no page for codes, no refresh token.
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { chmodSync, writeFileSync } from 'node:fs';
import { completeSignIn } from '../../scripts/sandbox/browser.ts';
import type { Host } from '../../scripts/sandbox/host.ts';
import type { Person } from '../../scripts/sandbox/person.ts';
import { absent } from '../../scripts/sandbox/provider-messages.ts';
import type { Shape } from '../../scripts/sandbox/provider-shape.ts';
import { diagnose, findingOf } from '../harness/doctor.ts';
import { journal, testHost } from '../harness/inside.ts';
import { authentik, entra, google, overage } from '../harness/provider-shapes.ts';
import { expectRefused, plain, seenOn, type Seen } from '../harness/refused.ts';
import { forgetSignIns } from '../harness/tokens.ts';
import { endIt, letIn, leaveQueue, putInOrder, requestAccess, signInWhenAsked } from '../harness/visits.ts';

let host: Host;
let alice: Person;
let bob: Person;
let list: string;

beforeAll(async () => {
  host = await testHost({ prefix: 'tgsha', keeper: false });
  ({ alice, bob } = host.people);
  list = `${host.layout.etc}/groups.yaml`;
});
afterAll(async () => host[Symbol.asyncDispose]());
afterEach(async () => {
  await putInOrder(host);
  await host.keeper.stop();
  await host.provider.shape({});
});

type Oidc = Readonly<Record<string, unknown>> & { readonly claims: { readonly login: object } };

/** Starts the keeper on a provider of this shape. The addresses stay those of the sandbox, which its people look for. */
async function start(shape: Shape, change: (oidc: Oidc) => object = (oidc) => oidc) {
  await host.provider.shape({ ...shape, path: '', endpoints: {} });
  const { oidc, ...rest } = configOf();
  host.writeConfig({ ...rest, oidc: change(oidc) });
  await host.keeper.start();
  await forgetSignIns(host);
}

let first: object | undefined;
const configOf = () => (first ??= host.config) as Readonly<Record<string, unknown>> & { readonly oidc: Oidc };

function writeList(text: string, mode = 0o644): void {
  writeFileSync(list, text);
  chmodSync(list, mode);
}

async function visit(person: Person): Promise<Seen> {
  const terminal = person.ssh(['-t', 'prod-db']);
  void signInWhenAsked(terminal, person);
  return seenOn(terminal);
}

const shownCode = /Open {2}(http:\S+)\s+Code {2}(\S+)(?=\s)/;

/** Signs in where the link has no code in it: the person types the code. */
async function visitByCode(person: Person): Promise<Seen> {
  const terminal = person.ssh(['-t', 'prod-db']);
  const [, link = '', code = ''] = await terminal.until(shownCode);
  await completeSignIn(`${link}?user_code=${code}`, person.account);
  return seenOn(terminal);
}

const mayNot = {
  code: 'NOT_ALLOWED',
  says: 'You may not ask for session prod-db.',
  hint: 'you need to be in one of these groups: engineers',
} as const;
const mailOf = ({ account }: Person): string => account.email;

test('Google: the file of groups says who asks and who approves, at once when it changes, and refuses all when it is not safe', async () => {
  writeList(`${mailOf(alice)}: [engineers]\n${mailOf(bob)}: [oncall]\n`);
  const { login } = configOf().oidc.claims;
  const claims = { login, groups_file: list, require: { hd: 'example.com' } };
  const shape = {
    claims: { hd: 'example.com', groups: absent },
    pendingStatus: 428,
    deviceNames: google.deviceNames ?? {},
  };
  await start(shape, (oidc) => ({ ...oidc, claims }));
  const inside = await letIn(host, alice);
  await endIt(host, inside);
  expect((await alice.run(['whoami'])).stdout).toMatch(/^Groups +engineers$/m);

  // bob is on call by the file alone: out of it, he approves nothing, although the provider was not asked.
  const waiting = await requestAccess(alice);
  writeList(`${mailOf(alice)}: [engineers]\n`);
  const refused = bob.ssh(['approve', waiting.request], { tty: false });
  await signInWhenAsked(refused, bob);
  expect((await seenOn(refused)).text).toContain('[NOT_APPROVER]');
  await leaveQueue(waiting);

  // alice's remembered sign-in does not keep the group that the file has taken from her.
  writeList(`${mailOf(alice)}: [designers]\n`);
  await expectRefused(host, alice, mayNot, async () => seenOn(alice.ssh(['-t', 'prod-db'])));

  writeList(`${mailOf(alice)}: [engineers]\n`, 0o666);
  const unsafe = {
    code: 'GROUPS_FILE' as const,
    says: 'The list of groups on this host cannot be read, so nobody can sign in.',
    hint: 'tell an admin of prod-box: tmux-gate policy check',
  };
  await expectRefused(host, alice, unsafe, async () => seenOn(alice.ssh(['-t', 'prod-db'])));
  const checked = await host.cli(['policy', 'check']);
  expect([checked.code, checked.stderr]).toEqual([78, expect.stringMatching(/groups_file: .*writable by others/)]);
  chmodSync(list, 0o644);

  await host.provider.overrideClaims({ hd: absent });
  await forgetSignIns(host);
  const foreign = {
    code: 'FOREIGN_ACCOUNT' as const,
    says: 'This account at the identity provider is not one of those that may sign in here.',
    hint: 'connect again, and sign in with your account of this organization',
  };
  await expectRefused(host, alice, foreign, async () => visit(alice));
  await host.provider.overrideClaims({});
});

test('Entra ID: more groups than fit are refused with the cure, to the person and to root', async () => {
  await start({ ...entra, claims: { ...overage } });
  const tooMany = {
    code: 'GROUPS_OVERAGE' as const,
    says: 'You are in more groups than the identity provider puts into a sign-in.',
    hint: 'tell an admin of prod-box: let the provider send only the groups assigned to this application, or use app roles',
  };
  await expectRefused(host, alice, tooMany, async () => visitByCode(alice));
  const told = findingOf(await diagnose(host, ['--only', 'provider-groups']), 'provider-groups');
  expect(told).toMatchObject({ verdict: 'warn', remedy: expect.stringContaining('app roles') });
});

test('authentik without a device flow in its brand: refused at once, and the doctor says why', async () => {
  await start({ ...authentik, claims: {}, noCodePage: true });
  const none = {
    code: 'NO_DEVICE_FLOW' as const,
    says: 'The identity provider has no device login for tmux-gate, so nobody can sign in.',
    hint: 'tell an admin of prod-box: switch on the device flow (RFC 8628) for the client, or use sign_in.flow: code; see: tmux-gate doctor',
  };
  await expectRefused(host, alice, none, async () => visit(alice));
  const told = findingOf(await diagnose(host, ['--only', 'provider-code']), 'provider-code');
  expect(told).toMatchObject({ verdict: 'fail', why: expect.stringContaining('HTTP status 404') });
});

test('no refresh token, and no groups: the journal and the doctor say so until a sign-in has them', async () => {
  await start({ noRefreshToken: true, claims: { groups: absent } });
  await expectRefused(host, alice, mayNot, async () => visit(alice));
  const record = journal(host.layout).findLast(({ event }) => event === 'sign-in');
  expect(record).toMatchObject({ login: alice.login, noRecheck: true, lacksGroups: true });
  const look = async () => {
    const now = await diagnose(host, ['--only', 'provider-refresh', '--only', 'provider-groups']);
    return now.checks.map(({ id, verdict }) => `${id} ${verdict}`).sort();
  };
  const last = journal(host.layout).filter(({ event }) => event === 'sign-in' || event === 'proved-anew');
  expect(await look()).toContain('provider-refresh warn');
  const status = await host.cli(['status']);
  expect(status.code).toBe(1);
  expect(plain(status.stdout)).toMatch(
    /provider warn the provider gave no refresh token.* fix: allow the client refresh/,
  );
  expect(last.length).toBeGreaterThan(0);
  await host.provider.shape({});
  await forgetSignIns(host);
  await leaveQueue(await requestAccess(alice));
  expect(await look()).toEqual(['provider-groups ok', 'provider-refresh ok']);
});
