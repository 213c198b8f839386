// What the verb `reload` answers (src/keeper/verbs/reload.ts); what a reload does is in reload.test.ts.
import { expect, test } from '@jest/globals';
import type { Policy } from '../../../src/config/load.ts';
import type { Context } from '../../../src/keeper/context.ts';
import type { Conversation } from '../../../src/keeper/conversation.ts';
import type { Visitor } from '../../../src/keeper/identity/visitor.ts';
import type { Reloaded } from '../../../src/keeper/reload.ts';
import { reload } from '../../../src/keeper/verbs/reload.ts';
import { parseCommand, type Command } from '../../../src/wire/grammar.ts';

const ended = { connections: 0, sessions: 0, requests: 0 };
const taken: Reloaded = { state: 'taken', changes: [{ key: 'request', how: 'changed' }], ended };

/** What root reads. @param raw the document of the policy in force */
async function said(text: string, result: Reloaded, raw: unknown): Promise<readonly string[]> {
  const lines: string[] = [];
  const loaded = { raw } as Policy;
  const context = {
    host: 'prod-box',
    reload: { now: async () => Promise.resolve(result) },
    policy: { loaded: () => loaded, since: () => 0, digest: () => 'd1' },
    onCall: { duty: async () => Promise.resolve({}) },
  } as unknown as Context;
  const conversation = { out: (more: readonly string[]) => lines.push(...more) } as unknown as Conversation;
  const { command } = parseCommand(text) as { command: Command };
  await reload(context, conversation, { local: true, login: 'root' } as unknown as Visitor, command);
  return lines;
}

const named = { oidc: { client_secret_file: 'credential:oidc.secret' } };

test('a policy with credentials: that a changed one needs a restart, also where nothing has changed', async () => {
  const stay = [
    'In use as systemd gave them when the keeper started: credential:oidc.secret.',
    'Another secret there needs a restart, live connections go on: systemctl restart tmux-gate',
  ];
  expect((await said('reload', { state: 'unchanged' }, named)).slice(1)).toEqual(stay);
  expect((await said('reload', taken, named)).slice(-2)).toEqual(stay);
  const [json = ''] = await said('reload --json', { state: 'unchanged' }, named);
  expect(JSON.parse(json)).toMatchObject({ ok: true, credentials: ['credential:oidc.secret'] });
});

test('a policy without any says nothing of them', async () => {
  const raw = { oidc: { client_secret_file: '/etc/tmux-gate/oidc.secret' } };
  expect(await said('reload', { state: 'unchanged' }, raw)).toHaveLength(1);
  expect((await said('reload', taken, raw)).join()).not.toContain('systemd');
});
