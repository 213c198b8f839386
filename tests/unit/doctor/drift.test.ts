// What `status` calls a drift of sshd or sudo (src/doctor/drift.ts): the doctor's rules, of which only ways around the gate count.
import { expect, test } from '@jest/globals';
import { sshdDrift, sudoDrift } from '../../../src/doctor/drift.ts';
import { parseSettings } from '../../../src/doctor/sshd-settings.ts';
import { acceptEnvLine } from '../../../src/wire/accepted.ts';

const gate = '/usr/lib/tmux-gate/gate';
const needed = [
  `forcecommand exec /usr/bin/sudo -n ${gate}`,
  ...['disableforwarding yes', 'permittunnel no', 'permituserrc no', 'permittty yes', 'permituserenvironment no'],
  ...[acceptEnvLine, 'exposeauthinfo yes', 'authenticationmethods publickey', 'maxsessions 1'],
  ...['clientaliveinterval 15', 'clientalivecountmax 2'],
];
const settings = (change: (rows: readonly string[]) => readonly string[] = (rows) => rows) =>
  parseSettings(change(needed).join('\n'));

test('sshd: as needed, also with what the doctor only warns of; else the first fault, with its login', () => {
  expect(sshdDrift(settings(), gate, 'alice')).toEqual({ is: 'as needed' });
  const open = settings((rows) => rows.map((row) => row.replace('disableforwarding yes', 'disableforwarding no')));
  expect(sshdDrift(open, gate, 'alice')).toMatchObject({
    ...{ is: 'drifted', why: expect.stringMatching(/^alice: sshd says "disableforwarding no"/) },
    fix: expect.stringContaining('DisableForwarding yes'),
  });
});

const rule = `(root) NOPASSWD: ${gate} ""`;
const own = [
  ...['env_reset', '!setenv', '!use_pty', '!pam_session', '!pam_setcred'],
  'env_keep="LANG LC_ALL LC_CTYPE SSH_CONNECTION SSH_ORIGINAL_COMMAND SSH_USER_AUTH"',
  'env_check="LANG LC_ALL LC_CTYPE TERM"',
];
const listing = (rules: readonly string[], options = own) => ({
  ...{ defaults: [], special: [{ scope: `!${gate}`, options }], rules },
});

test('sudo: as needed; no rule, another rule, a setting less, a variable more', () => {
  expect(sudoDrift(listing([rule]), gate, 'alice')).toEqual({ is: 'as needed' });
  expect(sudoDrift(listing([]), gate, 'alice').why).toBe('alice: sudo has no rule that starts the gate');
  expect(sudoDrift(listing([rule, '(root) /bin/sh']), gate, 'alice').why).toBe(
    'sudo also lets alice run: (root) /bin/sh',
  );
  expect(sudoDrift(listing([rule], own.slice(1)), gate, 'alice').why).toContain('lack env_reset');
  const more = own.map((option) => option.replace('env_keep="', 'env_keep="LD_PRELOAD '));
  expect(sudoDrift(listing([rule], more), gate, 'alice').why).toContain('LD_PRELOAD');
});
