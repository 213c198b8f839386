// Makes the changes of `init` in a root of its own (tests/harness/own-root.ts), and is killed at a step where the test says so.
// Words: steps | kill STEP | wait | again | guard | keep | remove LOGIN | undo.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Answers } from '../../src/core/setup-rules/answers.ts';
import type { SetupJournal } from '../../src/core/setup-rules/change.ts';
import { runGuard } from '../../src/setup/guard.ts';
import { planInit, concernsSshd, checkHost } from '../../src/setup/init-plan.ts';
import { setupFiles } from '../../src/setup/journal.ts';
import { removeLogin } from '../../src/setup/login-changes.ts';
import { requireNone } from '../../src/setup/setup-run.ts';
import { keepNow, makeChanges, untilEnded } from '../../src/setup/transaction.ts';
import { undoKept } from '../../src/setup/undo-kept.ts';
import { layoutAt } from '../../src/wire/layout.ts';

const [, self = '', repo = '', what = '', step = ''] = process.argv;
const layout = layoutAt('');
const files = setupFiles(layout);
const read = (name: string): string => readFileSync(join(repo, name), 'utf8');
const templates = {
  sudoers: read('deploy/sudoers'),
  sshd: read('sshd_config.example'),
  tmuxConf: read('deploy/tmux.conf'),
  configExample: read('deploy/config.yaml.example'),
};
const line = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJk8cm1vc3RseSBoYXJtbGVzcyBrZXkgb2YgYWxpY2UhISE= alice';
const answers: Answers = {
  host: 'prod-box',
  oidc: {
    issuer: 'https://id.example.com',
    clientId: 'tmux-gate',
    secret: 'a secret of the client',
    insecureHttp: false,
  },
  session: {
    ...{ name: 'prod-db', runAs: 'setup-dba', who: ['engineers'], approvers: ['oncall'], count: 1 },
    window: { default: '30m', max: '1h' },
  },
  logins: [{ name: 'setup-alice', keys: [{ line, kind: 'ssh-ed25519', comment: 'alice' }] }],
};
const claims = { login: { claim: 'email', strip_domain: 'example.com' }, groups: 'groups' };
const parts = { files, guard: [process.execPath, self, repo, 'guard'] };

async function begin(reached: (step: string) => void): Promise<SetupJournal> {
  const changes = await planInit({ layout, templates, answers, claims });
  const transaction = { command: 'init', id: 'TRANSACT10N', code: 'C0DE', changes, sshd: concernsSshd(changes) };
  return makeChanges({ ...parts, reached }, { ...transaction, check: async () => checkHost(layout) });
}

async function make(reached: (step: string) => void): Promise<void> {
  const journal = await begin(reached);
  reached('made');
  const { ended, why, notes } = await untilEnded(parts, journal);
  process.stdout.write(`${ended}: ${why}\n${notes.join('\n')}`);
}

switch (what) {
  case 'guard':
    await runGuard(files);
    break;
  case 'steps':
    await make((name) => void process.stdout.write(`${name}\n`));
    break;
  case 'kill':
    await make((name) => {
      if (name === step) process.kill(process.pid, 'SIGKILL');
    });
    break;
  case 'wait':
    await make(() => undefined);
    break;
  case 'keep':
    await keepNow(parts, await begin(() => undefined));
    break;
  case 'remove':
    await removeLogin(files, step);
    break;
  case 'undo':
    process.stdout.write((await undoKept(parts)).join('\n'));
    break;
  case 'again':
    await requireNone(parts);
    break;
}
