// Which file gets which bytes.
import { describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repo } from '../../../../scripts/sandbox/layout.ts';
import { withLines, withoutLines } from '../../../../src/core/setup-rules/lines.ts';
import { deniedIn, dropInWith, withDenied, withInclude } from '../../../../src/core/setup-rules/sshd-drop-in.ts';
import { accountFiles, keyFile, places, programFiles, secretFiles } from '../../../../src/core/setup-rules/wanted.ts';

const template = readFileSync(join(repo, 'sshd_config.example'), 'utf8');
const templates = { sudoers: 'rule\n', sshd: template, tmuxConf: 'set\n', configExample: 'example\n' };
const dropIn = '/etc/ssh/sshd_config.d/tmux-gate.conf';

describe('the drop-in of sshd', () => {
  test('a new one is the template, with the real session accounts denied', () => {
    const text = dropInWith({ account: 'ops', logins: [] }, template);
    expect(deniedIn(text)).toEqual(['ops']);
    expect(text.replace('DenyUsers ops', 'DenyUsers dba')).toBe(template);
  });

  test('of what a purge left, the names stay denied, except for who is to log in', () => {
    const left = '# Left by the purge\n\nDenyUsers alice carol ops\n';
    const made = (logins: readonly string[]): string => dropInWith({ account: 'ops', logins }, template, left);
    expect(made(['alice'])).toBe(template.replace('DenyUsers dba', 'DenyUsers ops carol'));
    expect(deniedIn(made([]))).toEqual(['ops', 'alice', 'carol']);
    const own = `${left}PermitTTY yes\n`;
    expect(dropInWith({ account: 'ops', logins: ['alice'] }, template, own)).toBe(own);
  });

  test('one that is there keeps its bytes, and gets what is missing', () => {
    const mine = template.replace('DenyUsers dba', '  DenyUsers   dba  eve\t');
    expect(withDenied(mine, ['eve'])).toBe(mine);
    expect(deniedIn(withDenied(mine, ['eve', 'web']))).toEqual(['dba', 'eve', 'web']);
    expect(withDenied('Match Group x\n  DenyUsers a\n', ['b'])).toBe('DenyUsers b\nMatch Group x\n  DenyUsers a\n');
    expect(withDenied('PermitTTY yes\n', ['b'])).toBe('DenyUsers b\nPermitTTY yes\n');
    expect(withDenied('', ['$&'])).toBe('DenyUsers $&\n');
  });

  test('sshd_config includes it, before everything else, unless it does', () => {
    const debian = 'Include /etc/ssh/sshd_config.d/*.conf\nPort 22\n';
    expect(withInclude(debian, dropIn)).toBe(debian);
    expect(withInclude('Include /etc/ssh/sshd_config.d/*\n', dropIn)).toBe('Include /etc/ssh/sshd_config.d/*\n');
    expect(withInclude(`include ${dropIn}\n`, dropIn)).toBe(`include ${dropIn}\n`);
    expect(withInclude('Port 22\n', dropIn)).toBe(`Include ${dropIn}\nPort 22\n`);
    const late = 'Port 22\nMatch User x\n  Include /etc/ssh/sshd_config.d/*.conf\n';
    expect(withInclude(late, dropIn)).toBe(`Include ${dropIn}\n${late}`);
  });
});

describe('lists of names', () => {
  test('get what is missing, and lose it again, byte for byte', () => {
    expect(withLines('', ['dba'])).toBe('dba\n');
    expect(withLines('bin\ndaemon', ['dba'])).toBe('bin\ndaemon\ndba\n');
    expect(withLines('bin\n dba\n', ['dba'])).toBe('bin\n dba\n');
    expect(withoutLines('bin\ndba\n\nsys', ['dba'])).toBe('bin\n\nsys');
  });
});

test('what is there stays; what is missing is written', () => {
  const [rule, conf] = programFiles(templates);
  expect(rule?.text(undefined)).toBe('rule\n');
  expect(rule?.text('another rule\n')).toBe('another rule\n');
  expect(conf).toMatchObject({ path: places.tmuxConf, mode: 0o644 });
});

test('secrets have files of their own, which nobody else reads', () => {
  const oidc = { issuer: 'https://a', clientId: 'b', insecureHttp: false };
  expect(secretFiles(oidc)).toEqual([]);
  const both = secretFiles({ ...oidc, secret: 's', approval: { clientId: 'c', secret: 't' } });
  expect(both.map(({ path, mode, isSecret, text }) => ({ path, mode, isSecret, text: text(undefined) }))).toEqual([
    { path: places.secret, mode: 0o600, isSecret: true, text: 's\n' },
    { path: places.approvalSecret, mode: 0o600, isSecret: true, text: 't\n' },
  ]);
});

test('a session account is denied by sshd, cron and at, where there are any', () => {
  const all = accountFiles('ops', templates, { cron: true, at: true });
  expect(all.map(({ path }) => path)).toEqual([dropIn, '/etc/cron.deny', '/etc/at.deny']);
  expect(all.map(({ text }) => text(undefined).includes('ops'))).toEqual([true, true, true]);
  expect(all[0]?.text('Port 22\n')).toBe('DenyUsers ops\nPort 22\n');
  expect(accountFiles('ops', templates, { cron: false, at: false })).toHaveLength(1);
});

test('keys are added to those that are there, whatever their comments', () => {
  const { path, text } = keyFile({
    name: 'alice',
    keys: [
      { line: 'ssh-ed25519 AAAA new', kind: 'ssh-ed25519', comment: 'new' },
      { line: 'ssh-ed25519 BBBB', kind: 'ssh-ed25519', comment: '' },
      { line: '', kind: '', comment: '' },
    ],
  });
  expect(path).toBe('/etc/ssh/tmux-gate-keys/alice');
  expect(text('ssh-ed25519 AAAA old\n')).toBe('ssh-ed25519 AAAA old\nssh-ed25519 BBBB\n');
  expect(text(undefined)).toBe('ssh-ed25519 AAAA new\nssh-ed25519 BBBB\n');
});
