// What systemd does for the keeper when the policy or a secret changes: `systemctl reload`, and a credential of the unit.
import { answers, expect, nobodyLeft, tell, type Act } from './act.ts';
import { echo } from './people.ts';
import { secretClients } from '../sandbox/provider-messages.ts';

const policy = 'etc/tmux-gate/config.yaml';
const dropIn = '/etc/systemd/system/tmux-gate.service.d/credential.conf';
const credential = '/run/credentials/tmux-gate.service/oidc.secret';
const mainPid = 'systemctl show -P MainPID tmux-gate';

/** A valid policy is taken while somebody is attached, and one with a mistake is refused with its reason. */
export async function reloadBySystemd({ host, people }: Act): Promise<void> {
  const before = host.read(policy);
  const { terminal, request } = await people.attach('5m', true);
  const keeper = await host.sh(mainPid);
  const withLongest = (max: string): string => before.replace(/max: \w+/, `max: ${max}`);
  host.write(policy, withLongest('50m'), 0o600);
  await host.sh('systemctl reload tmux-gate');
  await host.sh('tmux-gate audit show', /policy-reloaded/);
  host.write(policy, withLongest('soon'), 0o600);
  const refused = await host.outcome('systemctl', 'reload', 'tmux-gate');
  expect('a reload with a mistake fails', refused.code !== 0, refused);
  await host.until("journalctl -q -u tmux-gate -o cat | grep -F '[POLICY_REFUSED]'");
  await echo(terminal, 'goes-on');
  expect('it is the same keeper', (await host.sh(mainPid)) === keeper, keeper);
  host.write(policy, before, 0o600);
  await host.sh(`systemctl reload tmux-gate && tmux-gate revoke ${request}`, /confirmed/);
  await terminal.ended();
  await host.until(nobodyLeft);
  tell('systemctl reload: a new policy is in force under a live connection, and one with a mistake fails the reload.');
}

/** The client's secret is a credential that systemd gives to the unit. */
export async function secretByCredential(act: Act): Promise<void> {
  const { host } = act;
  const before = host.read(policy);
  const { id, secret } = secretClients.post;
  host.write('root/oidc.secret', `${secret}\n`, 0o600);
  host.write(dropIn, '[Service]\nLoadCredential=oidc.secret:/root/oidc.secret\n');
  const named = before.replace(/client_id: .*/, `client_id: ${id}\n  client_secret_file: credential:oidc.secret`);
  expect('the policy has another client', named !== before, before);
  host.write(policy, named, 0o600);
  await restartWith(act, `test -f ${credential} && tmux-gate policy check`);
  const text = await visit(act, `cat ${credential}; env | grep CREDENTIALS_`);
  expect('no session sees it', !text.includes(secret) && !text.includes('CREDENTIALS_DIRECTORY='), text);
  host.write(policy, before, 0o600);
  await host.sh(`rm ${dropIn} /root/oidc.secret`);
  await restartWith(act, `! test -e ${credential}`);
  await visit(act, ':'); // a sign-in by one client is none by another
  tell('LoadCredential: a secret that systemd gives to the unit signs people in, and no session sees it.');
}

async function restartWith({ host }: Act, then: string): Promise<void> {
  await host.sh(`systemctl daemon-reload && systemctl restart tmux-gate && ${then}`);
  await host.until(answers);
}

/** Alice signs in, is let in by bob, types a line, and is sent away. @returns what she saw */
async function visit({ host, people }: Act, line: string): Promise<string> {
  const { terminal, request } = await people.attach('5m');
  terminal.type(`${line}; echo "$((6*7))-looked"\r`);
  await terminal.until('42-looked');
  await host.sh(`tmux-gate revoke ${request}`, /confirmed/);
  await terminal.ended();
  await host.until(nobodyLeft);
  return terminal.text;
}
