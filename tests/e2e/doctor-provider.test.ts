// The provider as root sees it: the doctor and `status` name the same cause, one thing wrong at a time.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Host } from '../../scripts/sandbox/host.ts';
import {
  changed,
  diagnose,
  expectOnly,
  findingOf,
  withConfig,
  type Diagnosis,
  type Verdicts,
} from '../harness/doctor.ts';
import { testHost } from '../harness/inside.ts';
import { plain, seenOn } from '../harness/refused.ts';
import { forgetSignIns } from '../harness/tokens.ts';
import { signInWhenAsked } from '../harness/visits.ts';

let host: Host;
let healthy: Diagnosis;

beforeAll(async () => {
  host = await testHost({ prefix: 'tgprov' });
  healthy = await diagnose(host);
});
afterAll(async () => host[Symbol.asyncDispose]());

const expectTurned = async (verdicts: Verdicts, remedy: RegExp): Promise<Diagnosis> =>
  expectOnly(host, healthy, verdicts, remedy);

const unseen = ['device', 'pkce', 'https', 'keys', 'clock', 'code'].map(
  (name) => [`provider-${name}`, 'unknown'] as const,
);
const providerDown: Verdicts = Object.fromEntries(unseen);

test('another issuer than that of the policy', async () => {
  const issuer = host.provider.issuer.replace('127.0.0.1', 'localhost');
  await using spoilt = new AsyncDisposableStack();
  spoilt.use(withConfig(host, (config) => ({ ...config, oidc: { ...(config['oidc'] as object), issuer } })));
  await expectTurned({ 'provider-discovery': 'fail', 'provider-code': 'fail' }, /exactly/);
});

/** Root reads the same of the doctor and of `status`; whoever comes over ssh, that it is down. */
async function expectDown(say: string): Promise<void> {
  const down = { 'provider-discovery': 'fail', 'host-keeper': 'warn', ...providerDown };
  const now = await expectTurned(down, /oidc\.issuer/);
  expect(findingOf(now, 'provider-discovery').why).toBe(say);
  expect(findingOf(now, 'host-keeper').why).toContain(say);
  const screen = plain((await host.cli(['status'])).stdout); // a long reason takes two lines
  expect(screen.startsWith(`provider DOWN PROVIDER_DOWN: ${say} fix: `)).toBe(true);
  expect(screen).toMatch(/ fix: .*oidc\.issuer/);
  expect((await host.people.mallory.run(['status'])).stdout).toMatch(/^provider +DOWN {2}PROVIDER_DOWN\nsshd/);
}

test('one that hangs, one that answers with a web page, and one that is down', async () => {
  await host.provider.hang(true);
  try {
    await expectDown('the provider does not answer in time');
  } finally {
    await host.provider.hang(false);
  }
  await host.provider.misanswer('html');
  try {
    await expectDown("the provider's answer is not JSON");
  } finally {
    await host.provider.misanswer('none');
  }
  await host.provider.stop();
  try {
    await expectDown('the provider refuses the connection (ECONNREFUSED)');
  } finally {
    await host.provider.start();
  }
});

test('a groups claim that is not understood: its owner and root are told, until it is', async () => {
  const { mallory } = host.people;
  const visit = async (): Promise<string> => {
    const terminal = mallory.ssh(['-t', 'prod-db']);
    void signInWhenAsked(terminal, mallory);
    return (await seenOn(terminal)).text;
  };
  await host.provider.overrideClaims({ groups: 7 });
  try {
    expect(await visit()).toContain('[NOT_ALLOWED]');
    const said = /^Groups +none: the claim "groups" came as a number, which tmux-gate cannot read; tell an admin$/m;
    expect((await mallory.run(['whoami'])).stdout).toMatch(said);
    expect(JSON.parse((await mallory.run(['whoami', '--json'])).stdout)).toMatchObject({
      ...{ groups: [], unreadGroups: 'number' },
    });
    const now = await expectTurned({ 'provider-groups': 'warn' }, /list of strings/);
    expect(findingOf(now, 'provider-groups').why).toContain(`${mallory.login}: the claim "groups" came as a number`);
  } finally {
    await host.provider.overrideClaims({});
  }
  await forgetSignIns(host);
  expect(await visit()).toContain('[NOT_ALLOWED]');
  expect(changed(healthy, await diagnose(host))).toEqual({});
});
