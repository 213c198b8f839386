// Somebody follows a live connection who must not: an approver, an auditor of another session, and a person their own by a second login.
import { expect } from '@jest/globals';
import { completeSignIn } from '../../../../scripts/sandbox/browser.ts';
import type { Host } from '../../../../scripts/sandbox/host.ts';
import type { Person } from '../../../../scripts/sandbox/person.ts';
import type { Attack } from '../../../harness/attack.ts';
import { enter } from '../../../harness/inside.ts';
import { personOf } from '../../../harness/viewing.ts';

const refusal = '\\[[A-Z]+_[A-Z_]+\\]';
const asks = new RegExp(`${refusal}|live  \\S+@prod-|http://127\\.0\\.0\\.1:\\d+/device\\?user_code=[A-Z]{4}-[A-Z]{4}`);

/** What comes of asking to follow: a refusal's code, or `followed`. @param as who completes the sign-in, if one is asked for */
async function follows(person: Person, id: string, as: Person = person): Promise<string> {
  const terminal = person.ssh(['-t', 'replay', id, '--follow --reason INC-1 look']);
  let [seen] = await terminal.until(asks);
  if (seen.startsWith('http')) {
    await completeSignIn(seen, as.account);
    [seen] = await terminal.until(new RegExp(`${refusal}|live  \\S+@prod-`));
  }
  terminal.type('q');
  await terminal.exit;
  return seen.startsWith('live') ? 'followed' : seen;
}

export const attack: Attack = {
  guards: [
    {
      what: 'only whom `auditors` names follows',
      mutations: [
        {
          file: 'keeper',
          piece:
            'return auditors === void 0 ? void 0 : rulesNaming(`sessions.${name}.auditors`, auditors, who, duty)[0];',
          becomes: 'return "anybody";',
        },
      ],
    },
    {
      what: 'they follow there alone',
      mutations: [
        {
          file: 'keeper',
          piece: 'if (connection === void 0 || policy === void 0 || rule === void 0)',
          becomes: 'if (connection === void 0 || policy === void 0)',
        },
      ],
    },
    {
      what: 'a connection of the same subject is one’s own',
      mutations: [
        { file: 'keeper', piece: '|| owner !== void 0 && isSamePerson(who, owner);', becomes: '|| owner === null;' },
      ],
    },
  ],
  run: async (host: Host) => {
    const { alice, bob } = host.people;
    const [erin, twin] = [personOf(host, 'erin'), personOf(host, 'twin')];
    const audited = await enter(host, alice, { session: 'prod-audit' });
    const another = await enter(host, alice);
    expect(await follows(bob, audited.id)).toBe('[NOT_AUDITOR]');
    expect(await follows(erin, another.id)).toBe('[NOT_FOLLOWED]');
    expect(await follows(erin, audited.id)).toBe('followed');
    const own = await enter(host, erin, { session: 'prod-audit' });
    expect(await follows(erin, own.id)).toBe('[OWN_CONNECTION]');
    expect(await follows(twin, own.id, erin)).toBe('[OWN_CONNECTION]');
  },
};
