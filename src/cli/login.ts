// `login add`, `login remove` and `login list`: who may come through the gate.
import { loadConfig } from '../config/load.ts';
import { missingAnswers } from '../core/messages/setup-faults.ts';
import {
  accountFound,
  accountLeft,
  accountMade,
  accountMissing,
  accountRemoved,
  foundAccount,
  loginAdded,
  loginRemoved,
  loginRow,
  noLogins,
  settingUp,
} from '../core/messages/setup.ts';
import { asciiJson } from '../core/text.ts';
import { minute, spellDuration } from '../core/time.ts';
import { SetupFault } from '../setup/fault.ts';
import { readTemplates } from '../setup/host-facts.ts';
import { setupFiles } from '../setup/journal.ts';
import { fingerprintOf, keysFrom } from '../setup/keys.ts';
import { listLogins, planLoginAdd, removeLogin, requireName } from '../setup/login-changes.ts';
import { changeNow, partsOf, requireNone } from '../setup/setup-run.ts';
import type { Layout } from '../wire/layout.ts';
import { reservedNames } from '../wire/verbs.ts';
import type { Screen } from './render.ts';
import { asRoot, requireKept, showPlan } from './setup-screen.ts';

/** The command's words and options. */
export interface LoginOptions {
  readonly what: 'add' | 'remove' | 'list';
  readonly name?: string | undefined;
  readonly key: readonly string[];
  readonly dryRun: boolean;
  readonly json?: boolean | undefined;
}

/** Runs `login`. @returns the exit code */
export async function login(layout: Layout, options: LoginOptions): Promise<number> {
  return asRoot('login', async (screen) => {
    const parts = partsOf(layout);
    if (options.what === 'list') return list(screen, layout, options.json === true);
    await requireNone(parts);
    const { name } = options;
    if (name === undefined) throw new SetupFault(missingAnswers(['NAME']));
    return options.what === 'add' ? add(screen, layout, name, options) : remove(screen, layout, name);
  });
}

async function add(screen: Screen, layout: Layout, name: string, { key, dryRun }: LoginOptions): Promise<number> {
  requireName(name);
  if (key.length === 0) throw new SetupFault(missingAnswers(['--key']));
  await readTemplates(layout); // refuses where nothing is installed
  const keys = await keysFrom(key);
  const fingerprints = await Promise.all(keys.map(fingerprintOf));
  const changes = await planLoginAdd({ name, keys }, layout.programs);
  const shown = await showPlan(screen, changes, { sshd: false, dryRun });
  if (shown !== undefined) return shown;
  screen.wait(settingUp);
  requireKept(screen, await changeNow(layout, 'login-add', changes));
  screen.note([loginAdded(name, fingerprints)]);
  return 0;
}

async function remove(screen: Screen, layout: Layout, name: string): Promise<number> {
  const why = await removeLogin(setupFiles(layout), name);
  screen.note(loginRemoved(name, spellDuration(await recheckMs(layout))));
  screen.note([why === undefined ? accountRemoved(name) : accountLeft(name, why === 'found' ? foundAccount : why)]);
  return 0;
}

/** How often the keeper looks whether whoever is connected may still be. */
async function recheckMs({ config }: Layout): Promise<number> {
  return loadConfig(config, { reservedNames }).then(
    ({ signIn }) => signIn.recheckMs,
    () => minute,
  );
}

const accounts = { made: accountMade, found: accountFound, missing: accountMissing } as const;

async function list(screen: Screen, layout: Layout, json: boolean): Promise<number> {
  const logins = await listLogins(setupFiles(layout));
  if (json) screen.out([asciiJson(logins)]);
  else if (logins.length === 0) screen.note([noLogins]);
  else screen.out(logins.map(({ name, keys, account }) => loginRow(name, keys, accounts[account])));
  return 0;
}
