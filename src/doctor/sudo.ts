// Checks the sudo rule, by which a login starts the gate as root (docs/design.md, "One visit").
import { fail, ok, orOk, warn, type Check, type Finding } from './check.ts';
import { pathFault } from './files.ts';
import { ofEach, run } from './look.ts';
import { burdenOf, environmentFault, otherRules, ruleFault, ruleFor, switchFaults } from './sudo-rules.ts';
import type { Listing } from './sudo-listing.ts';
import type { Scene } from './scene.ts';

const putBack = ({ shipped }: Scene): string =>
  `install ${shipped.sudoers} as /etc/sudoers.d/tmux-gate; check it first with visudo -cf`;

type Judge = (listing: Listing, scene: Scene) => Finding | undefined;

const eachLogin =
  (fine: string, judge: Judge) =>
  async (scene: Scene): Promise<readonly Finding[]> => {
    const found = await ofEach(await scene.gated(), async ({ name }) => {
      const fault = judge(await scene.listing(name), scene);
      return fault === undefined ? [] : [{ ...fault, of: name }];
    });
    return orOk(found.flat(), fine);
  };

const classic: Check = {
  id: 'sudo-classic',
  about: 'sudo is the classic one: sudo-rs has no settings for a single command',
  look: async () => {
    const { out, err } = await run('sudo', ['--version']);
    return /sudo-rs/i.test(out + err)
      ? [
          fail(
            'this is sudo-rs',
            'install the classic sudo and let /usr/bin/sudo be it (update-alternatives --config sudo)',
          ),
        ]
      : [ok(out.split('\n')[0] ?? 'classic sudo')];
  },
};

const rule: Check = {
  id: 'sudo-rule',
  about: 'the rule for the gate is there, exactly: as root, without a password, no argument (`""`)',
  look: eachLogin('one program, no arguments', (listing, scene) => {
    const fault = ruleFault(listing, scene.gate);
    return fault === undefined ? undefined : fail(fault, `${putBack(scene)}: "%GROUP ALL=${ruleFor(scene.gate)}"`);
  }),
};

const only: Check = {
  id: 'sudo-only-rule',
  about: 'no gated login has another sudo rule: whoever breaks out of the forced command must get no further',
  look: eachLogin('there is no other rule', (listing, { gate }) => {
    const more = otherRules(listing, gate);
    return more.length === 0
      ? undefined
      : fail(
          `sudo also lets it run: ${more.slice(0, 3).join('; ')}`,
          'take the login out of that rule; give the person a second account for other work',
        );
  }),
};

const defaults: Check = {
  id: 'sudo-defaults',
  about: 'the settings for the gate only: `env_reset, !setenv, !use_pty, !pam_session, !pam_setcred`',
  look: eachLogin('sudo empties the environment and does not stay', (listing, scene) => {
    const missing = switchFaults(listing, scene.gate);
    return missing.length === 0
      ? undefined
      : fail(`sudo's settings for the gate lack ${missing.join(', ')}`, putBack(scene));
  }),
};

const environment: Check = {
  id: 'sudo-environment',
  about: 'sudo passes the variables of deploy/sudoers to the gate, and no other (`env_keep`, `env_check`, `env_file`)',
  look: eachLogin('only what the gate needs', (listing, scene) => {
    const fault = environmentFault(listing, scene.gate);
    return fault === undefined ? undefined : fail(fault, putBack(scene));
  }),
};

const burdens: Check = {
  id: 'sudo-extras',
  about:
    'no setting of this host makes sudo stay, ask for a terminal or restrict the gate (`log_output`, `requiretty`, `noexec`)',
  look: eachLogin('no setting of the host interferes', (listing, { gate }) => {
    const found = burdenOf(listing, gate);
    return found.length === 0
      ? undefined
      : warn(
          `the host's settings for sudo have ${found.join(', ')}`,
          `add "Defaults!${gate} ${found.map((name) => `!${name}`).join(', ')}"`,
        );
  }),
};

const files: Check = {
  id: 'sudo-files',
  about: '/etc/sudoers and /etc/sudoers.d belong to root and nobody else can change them',
  look: async () => {
    const faults = await Promise.all(
      ['/etc/sudoers', '/etc/sudoers.d'].map(async (path) => [path, await pathFault(path)] as const),
    );
    const wrong = faults.flatMap(([path, fault]) =>
      fault === undefined ? [] : [fail(`${path}: ${fault.why}`, fault.remedy)],
    );
    return orOk(wrong, 'only root can change them');
  },
};

export const sudoChecks: readonly Check[] = [classic, rule, only, defaults, environment, burdens, files];
