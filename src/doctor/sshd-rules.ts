// What sshd's settings must be for a gated login: one rule for each directive of sshd_config.example.
//
// 1. `fail` where a missing directive leaves a way around the gate, `warn` where it is a second line of defence or a convenience.
// 2. A value that is not understood is not accepted. Attack or accident: a directive of a later sshd means something else.
import { acceptEnvLine } from '../wire/accepted.ts';
import { fits, valueOf, type Settings } from './sshd-settings.ts';

/** What one directive of sshd must be for a gated login. */
export interface Rule {
  readonly id: string;
  readonly about: string;
  readonly verdict: 'warn' | 'fail';
  /** What is wrong with the settings; undefined when nothing is. @param gate the path of the gate. */
  judge(settings: Settings, gate: string): string | undefined;
  readonly remedy: string;
}

/** A rule that requires one value of one directive. */
function exact(id: string, [directive, value]: readonly [directive: string, value: string], harm: string): Rule {
  const key = directive.toLowerCase();
  return {
    id,
    verdict: 'fail',
    about: `\`${directive} ${value}\`: ${harm}`,
    judge: (settings) =>
      valueOf(settings, key).toLowerCase() === value.toLowerCase()
        ? undefined
        : `sshd says "${key} ${valueOf(settings, key)}", so ${harm.replace(/^otherwise /, '')}`,
    remedy: inBlock(`${directive} ${value}`),
  };
}

/** Where a package has it, and a checkout. */
const example = '/usr/share/tmux-gate/sshd.conf or sshd_config.example';

const inBlock = (text: string): string =>
  `put "${text}" into the Match block (see ${example}), before any line that says otherwise`;

const forcedCommand: Rule = {
  id: 'sshd-forced-command',
  about: '`ForceCommand exec /usr/bin/sudo -n GATE`, exactly: whatever was asked for, the gate runs',
  verdict: 'fail',
  judge: (settings, gate) => {
    const [is, want] = [valueOf(settings, 'forcecommand'), `exec /usr/bin/sudo -n ${gate}`];
    return is === want ? undefined : `sshd says "forcecommand ${is}", which is not the gate: another command runs`;
  },
  remedy: inBlock('ForceCommand exec /usr/bin/sudo -n /usr/lib/tmux-gate/gate'),
};

const authentication: Rule = {
  id: 'sshd-authentication',
  about: '`AuthenticationMethods publickey`: no way in without a key that root wrote, such as a password',
  verdict: 'fail',
  judge: (settings) => {
    const lists = (settings.get('authenticationmethods') ?? ['any']).flatMap((value) => value.split(' '));
    const weak = lists.filter((list) => !list.split(',').includes('publickey'));
    return weak.length === 0 ? undefined : `sshd lets in without a key (authenticationmethods ${lists.join(' ')})`;
  },
  remedy: inBlock('AuthenticationMethods publickey'),
};

const keySources: Rule = {
  id: 'sshd-key-sources',
  about: 'no other source of keys: `AuthorizedKeysCommand`, `TrustedUserCAKeys`, `AuthorizedPrincipalsCommand`',
  verdict: 'warn',
  judge: (settings) => {
    const keys = ['authorizedkeyscommand', 'trustedusercakeys', 'authorizedprincipalscommand'];
    const set = keys.filter((key) => !['', 'none'].includes(valueOf(settings, key)));
    return set.length === 0
      ? undefined
      : `keys also come from ${set.map((key) => `${key} ${valueOf(settings, key)}`).join(', ')}`;
  },
  remedy:
    'if you want that, check who can make it accept a key for a gated login; else set it to none in the Match block',
};

/** Variables of a client that could change the shell, sudo or Node before the gate runs. */
const dangerous = [
  'LD_PRELOAD',
  'LD_AUDIT',
  'LD_LIBRARY_PATH',
  'BASH_ENV',
  'ENV',
  'NODE_OPTIONS',
  'OPENSSL_CONF',
  'PATH',
];
const language = /^(?:LANG|LANGUAGE|LC_[A-Z*]*|COLORTERM|NO_COLOR|TMUX_GATE_PLAIN)$/;

const acceptEnv: Rule = {
  id: 'sshd-accept-env',
  about: `\`${acceptEnvLine}\`: no other variable of the client reaches the shell that starts the gate`,
  verdict: 'fail',
  judge: (settings) => {
    const patterns = (settings.get('acceptenv') ?? []).flatMap((value) => value.split(' ')).filter((one) => one !== '');
    const wrong = patterns.filter((one) => !language.test(one) || dangerous.some((name) => fits(one, name)));
    return wrong.length === 0 ? undefined : `sshd takes ${wrong.join(' ')} from the client (acceptenv)`;
  },
  remedy: `${inBlock(acceptEnvLine)}; a line there replaces the list of the host`,
};

const setEnv: Rule = {
  id: 'sshd-set-env',
  about:
    '`SetEnv LD_PRELOAD= ...`: blanks what a `~/.pam_environment` could set; a second protection beside closed homes',
  verdict: 'warn',
  judge: (settings) => {
    const set = (settings.get('setenv') ?? []).flatMap((value) => value.split(' '));
    const open = dangerous.slice(0, -1).filter((name) => !set.includes(`${name}=`));
    return open.length === 0 ? undefined : `sshd does not blank ${open.join(' ')} (setenv)`;
  },
  remedy: `put the whole SetEnv line of ${example} into the Match block: the first SetEnv wins`,
};

const alive: Rule = {
  id: 'sshd-alive',
  about: '`ClientAliveInterval` and `ClientAliveCountMax`: a dead connection ends within two minutes',
  verdict: 'fail',
  judge: (settings) => {
    const [interval, count] = ['clientaliveinterval', 'clientalivecountmax'].map((key) =>
      Number(valueOf(settings, key)),
    );
    const seconds = (interval ?? 0) * (count ?? 0);
    if (seconds > 0 && seconds <= 120) return undefined;
    return seconds > 0
      ? `a dead connection stays for ${seconds} s`
      : 'a dead connection stays for ever (clientaliveinterval 0)';
  },
  remedy: `${inBlock('ClientAliveInterval 15')}, and "ClientAliveCountMax 2"`,
};

const unused: Rule = {
  id: 'sshd-unused',
  about: '`UnusedConnectionTimeout 30`: a connection that runs nothing (`ssh -N`) is closed',
  verdict: 'warn',
  judge: (settings) => {
    const is = valueOf(settings, 'unusedconnectiontimeout');
    return ['', 'none', '0'].includes(is)
      ? 'a connection that runs nothing stays open (unusedconnectiontimeout)'
      : undefined;
  },
  remedy: inBlock('UnusedConnectionTimeout 30'),
};

const log: Rule = {
  id: 'sshd-log',
  about: "`LogLevel VERBOSE`: the fingerprint of the accepted key is in the system's log",
  verdict: 'warn',
  judge: (settings) => {
    const is = valueOf(settings, 'loglevel');
    return /^(?:VERBOSE|DEBUG\d?)$/.test(is) ? undefined : `the key that was accepted is not logged (loglevel ${is})`;
  },
  remedy: inBlock('LogLevel VERBOSE'),
};

export const rules: readonly Rule[] = [
  forcedCommand,
  exact(
    'sshd-forwarding',
    ['DisableForwarding', 'yes'],
    'otherwise `ssh -N -L` reaches local services without the gate',
  ),
  exact('sshd-tunnel', ['PermitTunnel', 'no'], 'otherwise tun devices are open: DisableForwarding does not cover them'),
  exact('sshd-rc', ['PermitUserRC', 'no'], 'otherwise ~/.ssh/rc and /etc/ssh/sshrc run before the gate'),
  exact('sshd-tty', ['PermitTTY', 'yes'], 'otherwise nobody can attach'),
  exact(
    'sshd-environment',
    ['PermitUserEnvironment', 'no'],
    'otherwise files of the login set variables before the gate starts',
  ),
  acceptEnv,
  setEnv,
  exact('sshd-auth-info', ['ExposeAuthInfo', 'yes'], 'otherwise the gate cannot tell which key was accepted'),
  authentication,
  keySources,
  exact(
    'sshd-max-sessions',
    ['MaxSessions', '1'],
    'otherwise several visits share a connection, and ending one leaves the others',
  ),
  alive,
  unused,
  log,
];
