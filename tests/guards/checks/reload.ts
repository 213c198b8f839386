// What stands between a policy that was taken out of force and whoever would still use it.
import type { SourceGuard } from '../../harness/source-guards.ts';

const meanwhile = 'tests/unit/keeper/decided-meanwhile.test.ts';
const admitted = 'tests/unit/keeper/admitted-meanwhile.test.ts';
const judged = 'tests/unit/keeper/judge-anew.test.ts';
const reload = 'tests/unit/keeper/reload.test.ts';
const keys = 'tests/contract/keys.test.ts';
const counted = 'settle, rule 10: a policy that comes while an approval is counted';

const settleSource = 'src/keeper/grants/settle.ts';
const afterProvider = {
  file: settleSource,
  piece: "if (!isCurrent(deps.config, policy)) return 'changed'; // rule 10\n  if (code",
  becomes: 'if (code',
};
const afterSource = {
  file: settleSource,
  piece: "if (!isCurrent(deps.config, policy)) return 'changed'; // rule 10\n  const count",
  becomes: 'const count',
};

export const checks: readonly SourceGuard[] = [
  {
    what: 'the look at the policy after an on-call source was asked',
    in: meanwhile,
    test: `${counted} while the on-call source is asked: it is counted again`,
    mutations: [afterSource, afterProvider], // either suffices
  },
  {
    what: 'the look at the policy after the provider was asked',
    in: meanwhile,
    test: `${counted} while the provider is asked: it is counted again`,
    mutations: [afterProvider],
  },
  {
    what: 'the look at the policy before a rule approves',
    in: meanwhile,
    test: `${counted} a rule that was taken out of it approves nothing`,
    mutations: [
      {
        file: settleSource,
        piece: 'if (!isCurrent(deps.config, policy)) return undefined; // rule 10',
        becomes: '',
      },
    ],
  },
  {
    what: 'the decision before a request is posted',
    in: meanwhile,
    test: 'the last look before a request is posted the group may no longer ask',
    mutations: [
      {
        file: 'src/keeper/visit/still-asked.ts',
        piece: 'if (!decision.allow) throw refusedBy(context, decision.code, session, decision.rule)',
        becomes: 'if (!decision.allow) return',
      },
    ],
  },
  {
    what: 'the terms before a request is posted',
    in: meanwhile,
    test: 'the last look before a request is posted it would run as somebody else',
    mutations: [{ file: 'src/keeper/visit/still-asked.ts', piece: 'if (!isAsShown)', becomes: 'if (false)' }],
  },
  {
    what: 'the provider of the policy when a sign-in is completed',
    in: 'tests/unit/keeper/identify.test.ts',
    test: 'a policy that is taken during a sign-in and says something else of the provider: the sign-in counts no more, and pins nothing',
    mutations: [
      {
        file: 'src/keeper/identity/prove.ts',
        piece: 'if (deps.config.oidc !== oidc)',
        becomes: 'if (oidc === undefined)',
      },
    ],
  },
  {
    what: 'the policy of "go"',
    in: admitted,
    test: 'an admission into which another policy of the session comes (journal connected) leaves nothing, and no gate hears "go"',
    mutations: [
      { file: 'src/keeper/visit/admit.ts', piece: 'checkPolicy(context, plan);\n  checkLock', becomes: 'checkLock' },
    ],
  },
  {
    what: 'the terms on which a server was started',
    in: admitted,
    test: 'a server that was started on other terms is ended before anybody enters it',
    mutations: [
      {
        file: 'src/keeper/sessions/sessions.ts',
        piece: 'known !== undefined && isStartedBy(policy, known); // rule 6',
        becomes: 'known !== undefined;',
      },
    ],
  },
  {
    what: 'the terms of a grant that would keep a connection',
    in: admitted,
    test: 'a grant whose session runs on other terms now keeps no connection and no session, and lengthens no other; on its terms again, it does',
    mutations: [
      {
        file: 'src/keeper/grants/live-grants.ts',
        piece: 'isFor(live, who, scope) && onTerms(live.grant) && fits(live)',
        becomes: 'isFor(live, who, scope) && fits(live)',
      },
    ],
  },
  {
    what: 'what the keys do in the turn of the new policy',
    in: judged,
    test: 'rule 3: what keys do, in the same turn nothing passes where the policy says view, and again where it does not',
    mutations: [{ file: 'src/keeper/judge-anew.ts', piece: 'tellInputs(context, before);', becomes: '' }],
  },
  {
    what: 'the end of a session that would run as something else',
    in: judged,
    test: 'rule 1: a session and whoever is in it end: other privileges',
    mutations: [
      {
        file: 'src/keeper/judge-anew.ts',
        piece: 'if (policy !== undefined && !isStartedBy(policy, session)) return',
        becomes: 'if (policy === null) return',
      },
    ],
  },
  {
    what: 'the answer of an earlier on-call source',
    in: 'tests/unit/keeper/on-call.test.ts',
    test: 'who is on call rule 4: what a source of the policy before said, or is about to say, does not count',
    mutations: [
      {
        file: 'src/keeper/identity/on-call.ts',
        piece: 'sources().get(name) === source ? said : people(name); // rule 4',
        becomes: 'said; // rule 4',
      },
    ],
  },
  {
    what: 'signatures that were verified with the key of an earlier peer',
    in: keys,
    test: 'peers that are exchanged count from then on, and those before no longer, though their signatures were verified',
    mutations: [
      {
        file: 'src/adapters/keys.ts',
        piece: '[own, others, proved] = [nextOwn, nextOthers, openSignatures()];',
        becomes: '[own, others] = [nextOwn, nextOthers];',
      },
    ],
  },
  {
    what: 'a signature that is verified while peers are exchanged',
    in: keys,
    test: 'peers that are exchanged rule 6: what is verified while they are exchanged counts by the new ones',
    mutations: [{ file: 'src/adapters/keys.ts', piece: 'by === proved ? held : holds(jws, signer)', becomes: 'held' }],
  },
  {
    what: 'the record before a policy is in force',
    in: reload,
    test: 'nothing changes law 7: when the journal takes no record',
    mutations: [
      {
        file: 'src/keeper/reload.ts',
        piece:
          "await Promise.all(parts.map(async (part) => deps.journal.write('policy', part)));\n    deps.policy.take(next);",
        becomes:
          "deps.policy.take(next);\n    await Promise.all(parts.map(async (part) => deps.journal.write('policy', part)));",
      },
    ],
  },
  {
    what: 'what only a start can take',
    in: reload,
    test: 'nothing changes rule 2: by one of which a part needs a restart; nothing of it is taken',
    mutations: [
      { file: 'src/keeper/reload.ts', piece: 'if (keys.length > 0) return', becomes: 'if (keys === null) return' },
    ],
  },
  {
    what: 'one reload at a time',
    in: reload,
    test: 'rule 5: of two at once, the second reads the file after the first is done',
    mutations: [
      {
        file: 'src/keeper/reload.ts',
        piece: "deps.oneByOne('reload', async () => {",
        becomes: '(async (task) => task())(async () => {',
      },
    ],
  },
  {
    what: 'the live connections in the turn of the new policy',
    in: reload,
    test: 'a policy that is valid rule 3: judges in the very turn in which the policy is taken',
    mutations: [
      {
        file: 'src/keeper/reload.ts',
        piece: 'const judged = deps.judgeAnew(before.config);',
        becomes: 'await 0;\n    const judged = deps.judgeAnew(before.config);',
      },
    ],
  },
];
