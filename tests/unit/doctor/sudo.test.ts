// Judging what sudo lists: as Debian has it, as other hosts do.
import { describe, expect, test } from '@jest/globals';
import { listOf, parseListing, switchOf } from '../../../src/doctor/sudo-listing.ts';
import { burdenOf, environmentFault, otherRules, ruleFault, switchFaults } from '../../../src/doctor/sudo-rules.ts';
import { strongRules } from '../../../src/doctor/sudo-strength.ts';

const gate = '/usr/lib/tmux-gate/gate';
const listing = (rules: readonly string[], special: readonly string[] = [], defaults = 'env_reset, use_pty'): string =>
  [
    'Matching Defaults entries for alice on box:',
    `    ${defaults}`,
    '',
    'Runas and Command-specific defaults for alice:',
    ...special.map((row) => `    Defaults${row}`),
    '',
    'User alice may run the following commands on box:',
    ...rules.map((rule) => `    ${rule}`),
    '',
  ].join('\n');

const right = `(root) NOPASSWD: ${gate} ""`;
const settings = [
  `!${gate} env_reset, !setenv, !use_pty, !pam_session, !pam_setcred`,
  `!${gate} env_keep="LANG LC_ALL LC_CTYPE SSH_CONNECTION SSH_ORIGINAL_COMMAND SSH_USER_AUTH NO_COLOR"`,
  `!${gate} env_check="LANG LC_ALL LC_CTYPE TERM"`,
];

test('a listing is read part by part; quotes keep their commas', () => {
  const { defaults, special, rules } = parseListing(
    listing([right], settings, 'env_reset, secure_path=/a\\:/b, badpass_message="no, sorry"'),
  );
  expect(defaults).toEqual(['env_reset', 'secure_path=/a\\:/b', 'badpass_message="no, sorry"']);
  expect(special[0]).toEqual({
    scope: `!${gate}`,
    options: ['env_reset', '!setenv', '!use_pty', '!pam_session', '!pam_setcred'],
  });
  expect(rules).toEqual([right]);
  expect(parseListing('User dba is not allowed to run sudo on box.\n').rules).toEqual([]);
});

test('the last switch counts; lists are set, added to and taken from', () => {
  expect(switchOf(['use_pty', '!use_pty'], 'use_pty')).toBe(false);
  expect(switchOf(['pty'], 'use_pty')).toBeUndefined();
  expect(listOf(['env_keep="A B"', 'env_keep+=C', 'env_keep-=A'], 'env_keep')).toEqual(['B', 'C']);
  expect(listOf([], 'env_keep')).toBeUndefined();
});

describe('the rule', () => {
  test.each([
    [right, undefined],
    [`(root) NOPASSWD: ${gate}`, 'takes arguments'],
    [`(root) NOPASSWD: ${gate} *`, 'takes arguments'],
    [`(ALL) NOPASSWD: ${gate} ""`, 'the rule is'],
    [`(root) ${gate} ""`, 'the rule is'],
    [`(root) NOPASSWD: SETENV: ${gate} ""`, 'the rule is'],
    ['(root) NOPASSWD: /usr/bin/id', 'no rule that starts the gate'],
  ])('%s', (rule, fault) => {
    const found = ruleFault(parseListing(listing([rule])), gate);
    if (fault === undefined) expect(found).toBeUndefined();
    else expect(found).toContain(fault);
  });

  test.each([
    [[right, right], 0],
    [[right, '(ALL : ALL) ALL'], 1],
    [[`(root) NOPASSWD: ${gate} "", /bin/sh`], 1],
    [[right, `(root) NOPASSWD: ${gate}2`], 1],
  ])('other rules: %j', (rules, count) => {
    expect(otherRules(parseListing(listing(rules)), gate)).toHaveLength(count);
  });
});

test('settings: all five, for this command or for all of them; what comes later undoes them', () => {
  const fault = (special: readonly string[]) => switchFaults(parseListing(listing([right], special)), gate);
  expect(fault(settings)).toEqual([]);
  expect(fault([])).toEqual(['env_reset', '!setenv', '!use_pty', '!pam_session', '!pam_setcred']);
  expect(fault([...settings, `!${gate} use_pty`])).toEqual(['!use_pty']);
  expect(fault([...settings, '!ALL setenv'])).toEqual(['!setenv']);
});

test.each([
  ['', undefined],
  [`!${gate} env_keep+=LD_PRELOAD`, 'LD_PRELOAD'],
  [`!${gate} env_check+="TZ"`, 'env_check'],
  [`!${gate} env_file=/etc/more`, 'env_file'],
  [`!${gate} env_keep=LANG`, 'does not pass LC_ALL LC_CTYPE SSH_CONNECTION'],
])('environment: %j', (more, fault) => {
  const found = environmentFault(parseListing(listing([right], [...settings, ...(more === '' ? [] : [more])])), gate);
  if (fault === undefined) expect(found).toBeUndefined();
  else expect(found).toContain(fault);
});

test("what the host's settings do to the gate, unless its own undo it", () => {
  const of = (special: readonly string[]) =>
    burdenOf(parseListing(listing([right], special, 'requiretty, log_output')), gate);
  expect(of([])).toEqual(['log_output', 'requiretty']);
  expect(of([`!${gate} !requiretty, !log_output`])).toEqual([]);
});

test.each([
  ['(ALL : ALL) ALL', true],
  ['(root) NOPASSWD: /usr/bin/systemctl restart postgresql', true],
  ['(root) NOPASSWD: /usr/bin/python3.11 /opt/x.py', true],
  ['(root) /usr/local/sbin/rotate *', true],
  ['(root) /opt/tools/', true],
  ['NOPASSWD: /bin/bash', true],
  ['(root) NOPASSWD: /usr/local/sbin/rotate-logs', false],
  ['(postgres) NOPASSWD: /usr/bin/psql', false],
  ['(root) NOPASSWD: /usr/local/sbin/rotate-logs, /usr/bin/vim /etc/motd', true],
  ['(ALL, !root) /usr/bin/id', false],
])('root by sudo: %s', (rule, strong) => {
  expect(strongRules([rule]).length > 0).toBe(strong);
});
