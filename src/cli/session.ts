// `session add`: a session more, in the policy and on the host. The running keeper is told.
import { badAnswer, missingAnswers } from '../core/messages/setup-faults.ts';
import { isLogin, isSessionName } from '../core/ids.ts';
import { sessionAdded, settingUp } from '../core/messages/setup.ts';
import type { SessionAnswer } from '../core/setup-rules/answers.ts';
import { SetupFault } from '../setup/fault.ts';
import { readTemplates } from '../setup/host-facts.ts';
import { concernsSshd } from '../setup/init-plan.ts';
import { planSessionAdd } from '../setup/session-changes.ts';
import { changeNow, partsOf, requireNone } from '../setup/setup-run.ts';
import type { Layout } from '../wire/layout.ts';
import { asRoot, requireKept, showPlan } from './setup-screen.ts';
import { toldKeeper } from './told-keeper.ts';

/** The command's words and options. */
export interface SessionOptions {
  readonly what: 'add';
  readonly name: string;
  readonly as: string;
  readonly who: readonly string[];
  readonly approvers: readonly string[];
  readonly count: number;
  readonly window: string;
  readonly max: string;
  readonly dryRun: boolean;
}

/** Runs `session add`. @returns the exit code */
export async function session(layout: Layout, options: SessionOptions): Promise<number> {
  return asRoot('session', async (screen) => {
    await requireNone(partsOf(layout));
    const asked = sessionOf(options);
    const changes = await planSessionAdd(asked, await readTemplates(layout));
    const shown = await showPlan(screen, changes, { sshd: concernsSshd(changes), dryRun: options.dryRun });
    if (shown !== undefined) return shown;
    screen.wait(settingUp);
    requireKept(screen, await changeNow(layout, 'session-add', changes));
    screen.note([sessionAdded(asked.name), await toldKeeper(layout)]);
    return 0;
  });
}

function sessionOf({ name, as, who, approvers, count, window, max }: SessionOptions): SessionAnswer {
  if (!isSessionName(name)) throw new SetupFault(badAnswer('NAME', name));
  if (!isLogin(as) || as.includes('@')) throw new SetupFault(badAnswer('--as', as));
  const missing = [...(who.length === 0 ? ['--who'] : []), ...(approvers.length === 0 ? ['--approvers'] : [])];
  if (missing.length > 0) throw new SetupFault(missingAnswers(missing));
  return { name, runAs: as, who, approvers, count, window: { default: window, max } };
}
