// Checks the gated logins: they can write nothing that runs before the gate, and their shell reads no file (docs/logins.md; threats C4).
import { accountByName, homeIsOpen, readsNothing, type Account } from '../adapters/accounts.ts';
import { isLogin } from '../core/ids.ts';
import { fail, ok, orOk, unknown, warn, type Check, type Finding } from './check.ts';
import { NotInspectable } from './not-inspectable.ts';
import { groupsOf, powerful, sharingUid } from './groups.ts';
import { rowsOf, textOf } from './look.ts';
import type { Scene } from './scene.ts';

const found: Check = {
  id: 'login-found',
  about: 'the gated group and its members, whom the other checks are about',
  look: async (scene) => {
    const group = await scene.gatedGroup();
    const named = scene.logins.filter((name) => name !== '');
    const missing = await unknownOf(named);
    if (missing.length > 0)
      return [fail(`there is no account ${missing.join(', ')}`, 'name a login of this host: --login LOGIN')];
    if (group === undefined && named.length === 0)
      return [
        fail(
          'no rule in /etc/sudoers or /etc/sudoers.d starts the gate for a group',
          `install ${scene.shipped.sudoers}, or name the group: --group GROUP`,
        ),
      ];
    try {
      const names = (await scene.gated()).map(({ name }) => name);
      return [
        ok(
          `${names.length} of ${group === undefined ? 'those named' : `group ${group}`}: ${names.slice(0, 8).join(', ')}${names.length > 8 ? ', ...' : ''}`,
        ),
      ];
    } catch (error) {
      if (!(error instanceof NotInspectable)) throw error;
      return [warn(`group ${group ?? ''} has no members`, `usermod -aG ${group ?? 'tmux-gate'} LOGIN`)];
    }
  },
};

async function unknownOf(names: readonly string[]): Promise<readonly string[]> {
  const accounts = await Promise.all(names.map(async (name) => accountByName(name)));
  return names.filter((_, at) => accounts[at] === undefined);
}

/** `warn` for what the policy allows all the same (`insecure_login_homes`), else `fail`. */
async function verdictOf(scene: Scene): Promise<typeof fail> {
  const lenient = await scene.config().then(
    ({ insecureLoginHomes }) => insecureLoginHomes,
    () => false,
  );
  return lenient ? warn : fail;
}

const name: Check = {
  id: 'login-name',
  about: 'each login has a name that can be gated: `alice` or `alice@corp.example.com`, not `CORP\\alice`',
  look: async (scene) => {
    const wrong = (await scene.gated())
      .filter((login) => !isLogin(login.name))
      .map((login) => fail('its name cannot be gated (LOGIN_NAME)', shortNames, login.name));
    return orOk(wrong, 'every name can be gated');
  },
};

/** What to set: sssd.conf(5), smb.conf(5). */
const shortNames = 'sssd.conf: use_fully_qualified_names = False; smb.conf: winbind use default domain = yes';

const home: Check = {
  id: 'login-home',
  about: 'no login can change its home, `~/.ssh` or `~/.pam_environment`: what it puts there runs before the gate',
  look: async (scene) => {
    const say = await verdictOf(scene);
    const wrong: Finding[] = [];
    for (const login of await scene.gated())
      if (await homeIsOpen(login))
        wrong.push(
          say(
            `it can change what is in ${login.home}`,
            `chown root:root ${login.home}; chmod 0755 ${login.home}; the same for ${login.home}/.ssh and the folders above`,
            login.name,
          ),
        );
    return orOk(wrong, 'no login can write its home');
  },
};

const shell: Check = {
  id: 'login-shell',
  about:
    'no login has a shell that reads files before it runs the forced command: /bin/sh or dash, never bash, zsh or fish',
  look: async (scene) => {
    const say = await verdictOf(scene);
    const wrong: Finding[] = [];
    for (const login of await scene.gated())
      if (!(await readsNothing(login, scene.layout.programs)))
        wrong.push(
          say(
            `its shell ${login.shell} reads files before the gate starts, or is not known`,
            `usermod -s /bin/dash ${login.name}`,
            login.name,
          ),
        );
    return orOk(wrong, 'no shell reads files first');
  },
};

const groups: Check = {
  id: 'login-groups',
  about: 'no gated login is root, shares a uid, or is in a group that is as good as root or guards the gate',
  look: async (scene) => {
    const guards = await guardGroups(scene);
    const wrong: Finding[] = [];
    for (const login of await scene.gated()) {
      const fault = await rightsFault(login, guards);
      if (fault !== undefined)
        wrong.push(
          fail(
            fault,
            'a gated login has an account of its own and no group but the gated one: gpasswd -d LOGIN GROUP',
            login.name,
          ),
        );
    }
    return orOk(wrong, 'no login has rights of its own');
  },
};

/** The primary groups of the service account and the session accounts: their members reach what protects the gate. */
async function guardGroups(scene: Scene): Promise<readonly string[]> {
  const config = await scene.config().catch(() => undefined);
  if (config === undefined) return [];
  const names = [config.serviceAccount, ...Object.values(config.sessions).map(({ runAs }) => runAs)];
  const all = await Promise.all(names.map(async (name) => groupsOf(name).catch(() => [])));
  return all.map(([primary]) => primary).filter((name) => name !== undefined);
}

async function rightsFault(login: Account, guards: readonly string[]): Promise<string | undefined> {
  if (login.uid === 0) return 'it is root';
  const others = await sharingUid(login);
  if (others.length > 0) return `it has the uid of ${others.join(', ')}`;
  const member = (await groupsOf(login.name)).filter((group) => powerful.has(group) || guards.includes(group));
  return member.length === 0 ? undefined : `it is in the group ${member.join(', ')}`;
}

const environment: Check = {
  id: 'login-pam-environment',
  about: 'pam_env reads no `~/.pam_environment` (`user_readenv=1`, as Debian has it), or no login can write one',
  look: async (scene) => {
    const services = await Promise.all(
      ['sshd', 'common-session', 'system-auth', 'password-auth', 'postlogin'].map(async (name) =>
        textOf(`/etc/pam.d/${name}`),
      ),
    );
    const reads = services
      .flatMap((text) => rowsOf(text ?? ''))
      .some((row) => /pam_env\.so.*\buser_readenv=1/.test(row));
    if (!reads) return [ok('pam_env reads no file of a login')];
    const open = await Promise.all((await scene.gated()).map(homeIsOpen));
    if (!open.includes(true)) return [ok('user_readenv=1 is set, and no login can write that file')];
    return [
      warn(
        'pam_env reads a file that a login can write (user_readenv=1)',
        'take user_readenv=1 out of /etc/pam.d/sshd',
      ),
    ];
  },
};

const loginuid: Check = {
  id: 'login-loginuid',
  about: 'the kernel keeps who logged in (`/proc/self/loginuid`), which a login cannot change',
  look: async () =>
    (await textOf('/proc/self/loginuid')) === undefined
      ? [unknown('this kernel has no audit support, so only sudo says who connects', 'use a kernel with CONFIG_AUDIT')]
      : [ok('it does')],
};

export const loginChecks: readonly Check[] = [found, name, home, shell, groups, environment, loginuid];
