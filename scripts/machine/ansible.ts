// The Ansible role on a booted host: run over ssh from here, by a login with sudo, with the variables of its README. What the role promises
// there is looked at: a dry run, two runs, a change while somebody is attached, a controller that is locked out, and the removal.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parse, stringify } from 'yaml';
import { outcome, type Outcome } from '../sandbox/exec.ts';
import { repo } from '../sandbox/layout.ts';
import { answers, expect, nobodyLeft, tell, type Act } from './act.ts';
import { addCarol } from './package-life.ts';
import { echo } from './people.ts';

const folderOfRole = join(repo, 'deploy/ansible');
const runMs = 900_000;
const dropIn = '/etc/ssh/sshd_config.d/tmux-gate.conf';
const pending = '/var/lib/tmux-gate/setup/pending.json';
const mistake = '/etc/ssh/sshd_config.d/00-mistake.conf';

/** Variables of the role, as its README shows them. */
interface Variables {
  tmux_gate_deb: string;
  tmux_gate_policy: {
    oidc: Record<string, unknown>;
    sessions: Record<string, { window: { max: string } }>;
  };
  tmux_gate_secrets: Record<string, string>;
  tmux_gate_logins: readonly { readonly name: string; readonly keys?: readonly string[]; readonly state?: string }[];
  tmux_gate_update_apt_cache: boolean;
}

/** The variables of the README, with this provider, and the keys of these people. */
async function variablesFor({ people, issuer, deb }: Act): Promise<Variables> {
  const readme = readFileSync(join(folderOfRole, 'README.md'), 'utf8');
  const [, shown = ''] = /^```yaml\n(.*?)^```$/ms.exec(readme) ?? [];
  const variables = parse(shown) as Variables;
  const oidc: Record<string, unknown> = { ...variables.tmux_gate_policy.oidc, issuer, insecure_http: true };
  delete oidc['client_secret_file']; // this provider's client is public
  return {
    ...variables,
    tmux_gate_deb: deb,
    tmux_gate_policy: { ...variables.tmux_gate_policy, oidc },
    tmux_gate_secrets: { 'oidc.secret': 'not used here' },
    tmux_gate_logins: [
      { name: 'alice', keys: [await people.key('alice')] },
      { name: 'bob', keys: [await people.key('bob')] },
      { name: 'mallory', state: 'absent' },
    ],
    tmux_gate_update_apt_cache: false, // this host has no network
  };
}

/** Where Ansible runs: a folder of its own, with its settings and its connections. */
class Controller implements Disposable {
  readonly #folder = mkdtempSync(join(tmpdir(), 'tmux-gate-ansible-'));

  constructor({ people }: Act) {
    const host = {
      ansible_host: '127.0.0.1',
      ansible_user: 'carol',
      ansible_python_interpreter: '/usr/bin/python3',
      ansible_ssh_private_key_file: people.privateKey('carol'),
      ansible_ssh_common_args: `-o IdentitiesOnly=yes -o StrictHostKeyChecking=accept-new -o UserKnownHostsFile=${join(this.#folder, 'known_hosts')}`,
    };
    const inventory = { tmux_gate: { hosts: { 'prod-box': host } } };
    writeFileSync(join(this.#folder, 'inventory.yml'), stringify(inventory));
  }

  async run(variables: Variables, ...words: readonly string[]): Promise<Outcome> {
    const file = join(this.#folder, 'variables.yml');
    writeFileSync(file, stringify(variables, { lineWidth: 0 }));
    const inputs = ['-i', join(this.#folder, 'inventory.yml'), '-e', `@${file}`, join(folderOfRole, 'site.yml')];
    return outcome('ansible-playbook', [...inputs, ...words], { env: this.#env, timeoutMs: runMs });
  }

  /** Runs the role, which must succeed. @returns how many of its steps changed something */
  async play(variables: Variables, ...words: readonly string[]): Promise<number> {
    const { code, stdout, stderr } = await this.run(variables, ...words);
    const [, changed] = /^prod-box .*\bchanged=(\d+)/m.exec(stdout) ?? [];
    expect('the role succeeds', code === 0 && changed !== undefined, `${stdout}${stderr}`);
    return Number(changed);
  }

  get #env(): Readonly<Record<string, string>> {
    return { HOME: this.#folder, ANSIBLE_NOCOLOR: '1' };
  }

  /** The connections that Ansible keeps open end with the host. */
  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** @throws Error when an account or a rule of the gate, or one of the paths, is there */
async function nothingOf(host: Act['host'], ...paths: readonly string[]): Promise<void> {
  const all = [dropIn, '/etc/sudoers.d/tmux-gate', ...paths].join(' ');
  const found = await host.sh(`getent passwd alice bob dba; ls -d ${all} 2>/dev/null; :`);
  expect('nothing of it is there', found === '', found);
}

async function setUpTwice({ host }: Act, controller: Controller, variables: Variables): Promise<void> {
  await controller.play(variables, '--check');
  await nothingOf(host, '/etc/tmux-gate', '/usr/sbin/tmux-gate', '/var/cache/tmux-gate');
  tell('Ansible: a dry run on a stock host succeeds and changes nothing.');
  const began = performance.now();
  const first = await controller.play(variables);
  await host.until(answers);
  await host.sh('stat -c %a:%U /etc/tmux-gate/oidc.secret', /^600:root$/m);
  await host.sh('systemctl is-active redis-server || :', /^inactive$/m);
  tell(`Ansible: set up in ${Math.ceil((performance.now() - began) / 1000)} s, confirmed by its own new login.`);
  expect('the first run changes the host', first > 0, first);
  const again = await controller.play(variables);
  expect('the second run changes nothing', again === 0, again);
  const checked = await controller.play(variables, '--check');
  expect('a dry run finds nothing to change', checked === 0, checked);
  tell('Ansible: a second run, and a dry run after it: changed=0.');
}

/** The same variables, with another longest window of each session. */
function withWindow(variables: Variables, max: string): Variables {
  const changed = structuredClone(variables);
  for (const { window } of Object.values(changed.tmux_gate_policy.sessions)) window.max = max;
  return changed;
}

/** Another window, a login more and one less, while alice is attached: the keeper takes it by a reload. @returns the variables of then */
async function changeInUse({ host, people }: Act, controller: Controller, variables: Variables): Promise<Variables> {
  const { terminal, request } = await people.attach();
  const keeper = await host.sh('systemctl show -P MainPID tmux-gate');
  const logins = [...variables.tmux_gate_logins, { name: 'dave', keys: [await people.key('dave')] }];
  const changed = { ...withWindow(variables, '2h'), tmux_gate_logins: logins };
  const wouldChange = await controller.play(changed, '--check');
  expect('a dry run tells the change', wouldChange > 0, wouldChange);
  await host.sh('! getent passwd dave && ! grep -q 2h /etc/tmux-gate/config.yaml');
  await controller.play(changed);
  expect('nothing was restarted', keeper === (await host.sh('systemctl show -P MainPID tmux-gate')), keeper);
  await host.sh('tmux-gate audit show', /policy-reloaded/);
  await host.sh('tmux-gate login list', /^dave /m);
  await echo(terminal, 'goes-on');
  const gone = { ...changed, tmux_gate_logins: [...variables.tmux_gate_logins, { name: 'dave', state: 'absent' }] };
  await controller.play(gone);
  await host.sh('! getent passwd dave');
  const again = await controller.play(gone);
  expect('after which nothing is left to change', again === 0, again);
  await host.sh(`tmux-gate revoke ${request}`, /confirmed/);
  await terminal.ended();
  await host.until(nobodyLeft);
  tell('Ansible: policy and logins changed under a live connection, by a reload.');
  return gone;
}

/** A policy with a problem fails the role and leaves the one of before. */
async function refuseBadPolicy({ host }: Act, controller: Controller, variables: Variables): Promise<void> {
  const before = host.read('etc/tmux-gate/config.yaml');
  const { code, stdout } = await controller.run(withWindow(variables, '9 hours'));
  expect('the role fails', code !== 0 && stdout.includes('POLICY_REFUSED'), stdout);
  expect('the policy is the one of before', host.read('etc/tmux-gate/config.yaml') === before, before);
  await host.sh(`${answers} && ! ls /etc/tmux-gate/config.yaml.* 2>/dev/null`);
  tell('Ansible: a policy with a problem fails the role, and the one of before stays.');
}

async function takeOff({ host, people }: Act, controller: Controller, variables: Variables): Promise<void> {
  const { terminal } = await people.attach('5m', true);
  await controller.play(variables, '--check', '-e', 'tmux_gate_state=absent');
  await echo(terminal, 'a-dry-run-ends-nobody');
  await controller.play(variables, '-e', 'tmux_gate_state=absent');
  await terminal.ended();
  await nothingOf(host, '/etc/tmux-gate', '/usr/sbin/tmux-gate');
  await host.sh('sshd -t && visudo -cq && ls -d /var/lib/tmux-gate/journal');
  const again = await controller.play(variables, '-e', 'tmux_gate_state=absent');
  expect('a second removal changes nothing', again === 0, again);
  tell('Ansible: taken off; accounts and rules are gone, the evidence stays, and a second removal changes nothing.');
}

/** sshd has a mistake of somebody's in its files and takes it with the reload, so no new login of Ansible's is possible. */
async function lockedOut({ host, people }: Act, controller: Controller, variables: Variables): Promise<void> {
  host.write(mistake, 'DenyUsers carol\n');
  const { code, stdout } = await controller.run(variables);
  expect('the role fails for want of a new login', code !== 0 && /UNREACHABLE/.test(stdout), stdout);
  const isPending = (): boolean => existsSync(join(host.root, pending));
  expect('the change waits', isPending(), stdout);
  for (let tries = 0; tries < 90 && isPending(); tries++) await delay(2_000);
  await nothingOf(host, pending);
  await host.sh(`rm ${mistake} && systemctl reload ssh`);
  const carol = await people.sshOutcome('carol', 'sudo -n id -u');
  expect('her login is as it was', carol.stdout.trim() === '0', carol);
  tell('Ansible: locked out by a mistake in sshd, and everything was undone by itself.');
}

/** The whole of it. @throws Error when something does not hold */
export async function byAnsible(act: Act): Promise<void> {
  await addCarol(act);
  using controller = new Controller(act);
  const variables = await variablesFor(act);
  await setUpTwice(act, controller, variables);
  const changed = await changeInUse(act, controller, variables);
  await refuseBadPolicy(act, controller, changed);
  await takeOff(act, controller, changed);
  await lockedOut(act, controller, variables);
}
