// `init`: sets this host up for tmux-gate, shows what it changes before it does, and cannot lock the admin out.
//
// 1. Nothing is written before the provider, the policy, sudo's rule and sshd's drop-in have been tried.
// 2. What is written is undone by itself unless somebody confirms it from a new ssh login (src/setup/transaction.ts).
import { hostname } from 'node:os';
import {
  askingProvider,
  confirmed,
  confirmNow,
  finding,
  kept,
  keptUnconfirmed,
  nextSteps,
  noSystemd,
  notChanged,
  questions,
  settingUp,
  startKeeper,
  undoing,
  waitingForConfirmation,
} from '../core/messages/setup.ts';
import type { Answers } from '../core/setup-rules/answers.ts';
import type { SetupJournal } from '../core/setup-rules/change.ts';
import { confirmMs } from '../core/setup-rules/guard.ts';
import { confirm } from '../setup/confirm.ts';
import { runGuard } from '../setup/guard.ts';
import { readTemplates } from '../setup/host-facts.ts';
import { checkHost, concernsSshd, planInit, policyHere, policyOf } from '../setup/init-plan.ts';
import { readGuard, writeVerdict } from '../setup/journal.ts';
import type { Planned } from '../setup/perform.ts';
import { lookAtProvider, tryClient, tryDeviceClient } from '../setup/provider-look.ts';
import { partsOf, requireNone, transactionOf, untilKeeper } from '../setup/setup-run.ts';
import { isBooted } from '../setup/tools.ts';
import { keepNow, makeChanges, untilEnded, type TransactionParts } from '../setup/transaction.ts';
import { undoKept } from '../setup/undo-kept.ts';
import type { Layout } from '../wire/layout.ts';
import { completeAnswers } from './init-answers.ts';
import { chooseClaims } from './init-claims.ts';
import { withFlow } from './init-flow.ts';
import { givenBy, type InitOptions } from './init-options.ts';
import type { Screen } from './render.ts';
import { asRoot, question, requireKept, showPlan, tellUndone } from './setup-screen.ts';

/** Runs `init`. @returns the exit code: 0 when nothing is left to do, 1 when a dry run found changes */
export async function init(layout: Layout, options: InitOptions): Promise<number> {
  return asRoot('init', async (screen) => {
    const parts = partsOf(layout);
    if (options.guard) return runGuard(parts.files).then(() => 0);
    if (options.confirm !== undefined) return confirmHere(screen, parts, options.confirm);
    if (options.undo) {
      screen.wait(undoing);
      return tellUndone(screen, await undoKept(parts));
    }
    return setUp(screen, layout, parts, options);
  });
}

async function confirmHere(screen: Screen, parts: TransactionParts, code: string): Promise<number> {
  requireKept(screen, await confirm(parts, code));
  screen.note([confirmed]);
  return 0;
}

async function setUp(screen: Screen, layout: Layout, parts: TransactionParts, options: InitOptions): Promise<number> {
  await requireNone(parts);
  const templates = await readTemplates(layout);
  const policy = await policyHere(templates);
  const told = await completeAnswers(await givenBy(options), policy === undefined ? undefined : policyOf(policy));
  const asks = process.stdin.isTTY && options.from === undefined;
  const answers = policy === undefined ? await withFlow(screen, told, asks) : told;
  const claims = policy === undefined ? await fromProvider(screen, answers) : undefined;
  const changes = await planInit({ layout, templates, answers, claims });
  const sshd = concernsSshd(changes);
  const shown = await showPlan(screen, changes, { sshd, dryRun: options.dryRun });
  if (shown !== undefined) return shown;
  if (process.stdin.isTTY && !options.yes && !/^y(es)?$/i.test((await question(questions.sure)) ?? '')) {
    screen.note([notChanged]);
    return 1;
  }
  screen.wait(settingUp);
  const journal = await makeChanges(parts, transactionFor(screen, layout, changes));
  await untilKept(screen, parts, journal, sshd && !options.insecureUnconfirmed);
  screen.note(
    nextSteps(
      answers.logins.map(({ name }) => name),
      answers.host,
      answers.session.name,
    ),
  );
  if (!isBooted()) screen.note([startKeeper(`${layout.programs}/keeper`)]);
  return 0;
}

/** Looks at the provider, has it check the clients, and finds out which claims it sends. */
async function fromProvider(screen: Screen, answers: Answers): ReturnType<typeof chooseClaims> {
  screen.wait(askingProvider);
  const warnings = await lookAtProvider(answers);
  if (answers.oidc.approval !== undefined) await tryDeviceClient(answers, answers.oidc.approval);
  await tryClient(answers);
  screen.calm();
  screen.note(warnings.map(({ verdict, why, remedy }) => finding(verdict, why, remedy)));
  return answers.oidc.claims ?? chooseClaims(screen, answers);
}

/** The transaction, whose check ends with what the doctor thinks of the result. */
function transactionFor(screen: Screen, layout: Layout, changes: readonly Planned[]): ReturnType<typeof transactionOf> {
  return {
    ...transactionOf(layout, 'init', changes),
    check: async () => {
      await checkHost(layout);
      await untilKeeper(layout);
      screen.calm();
      const { doctor } = await import('./doctor.ts');
      await doctor(layout, { only: [], except: [], login: [], sshdConfig: '/etc/ssh/sshd_config' });
    },
  };
}

/** Waits for the confirmation where one is needed. Ctrl-C undoes the change; a lost line does not, before its time is over. */
async function untilKept(
  screen: Screen,
  parts: TransactionParts,
  journal: SetupJournal,
  needed: boolean,
): Promise<void> {
  if (!needed) {
    requireKept(screen, await keepNow(parts, journal));
    return screen.note([keptUnconfirmed]);
  }
  const guard = await readGuard(parts.files);
  if (!isBooted() && guard !== undefined) screen.note([noSystemd(guard.pid)]);
  screen.note(confirmNow(journal.code, Math.floor(confirmMs / 1000), hostname()));
  process.once('SIGINT', () => void writeVerdict(parts.files, journal.id, 'abandoned'));
  screen.wait(waitingForConfirmation);
  requireKept(screen, await untilEnded(parts, journal));
  screen.note([kept]);
}
