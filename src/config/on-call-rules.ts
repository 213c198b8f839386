// Rules across sessions, on-call sources and ticket hooks.
import { formatDuration, parseDuration } from '../core/time.ts';
import { quote, type Finding, type Path } from './problem.ts';
import { at, entries, type Rule } from './raw.ts';

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** Without approvers nobody could ever get in. A rule, so that one sentence names both keys. */
const someApprover: Rule = {
  name: 'some-approver',
  check: (raw) =>
    entries(raw, 'sessions').flatMap(([name, session]): Finding[] => {
      const approvers = at(session, 'approvers');
      const named = typeof approvers !== 'object' || approvers === null || Array.isArray(approvers);
      if (named || at(approvers, 'groups') !== undefined || at(approvers, 'on_call') !== undefined) return [];
      return [{ path: ['sessions', name, 'approvers'], problem: 'Nobody may approve; name groups, on_call or both.' }];
    }),
};

interface Use {
  readonly path: Path;
  readonly of: 'on_call' | 'tickets';
  readonly name: string;
}

function usesOf(raw: unknown): readonly Use[] {
  const ofSessions = entries(raw, 'sessions').flatMap(([session, policy]) => {
    const base = ['sessions', session];
    const rules = listOf(at(policy, 'auto_approve'));
    return [
      ...sourcesAt([...base, 'approvers', 'on_call'], at(policy, 'approvers', 'on_call')),
      ...sourcesAt([...base, 'auditors', 'on_call'], at(policy, 'auditors', 'on_call')),
      ...rules.flatMap((rule, n) => [
        ...sourcesAt([...base, 'auto_approve', n, 'on_call'], at(rule, 'on_call')),
        ...use([...base, 'auto_approve', n, 'ticket'], 'tickets', at(rule, 'ticket')),
      ]),
    ];
  });
  return [...sourcesAt(['auditors', 'on_call'], at(raw, 'auditors', 'on_call')), ...ofSessions];
}

function sourcesAt(path: Path, value: unknown): readonly Use[] {
  return listOf(value).flatMap((name, n) => use([...path, n], 'on_call', name));
}

function use(path: Path, of: Use['of'], name: unknown): readonly Use[] {
  return typeof name === 'string' ? [{ path, of, name }] : [];
}

/** A source or hook that does not exist would name or approve nobody, without a reason that anybody sees. */
const knownSources: Rule = {
  name: 'known-sources',
  check: (raw) =>
    usesOf(raw)
      .filter(({ of, name }) => at(raw, of, name) === undefined)
      .map(({ path, of, name }) => ({
        path,
        problem: `There is no ${quote(name)} under ${of}; add it or name another.`,
      })),
};

/** Attack: whoever is on the network path of an http: URL names approvers, or approves. */
const hooksInTheClear: Rule = {
  name: 'hooks-in-the-clear',
  check: (raw) =>
    (['on_call', 'tickets'] as const).flatMap((of) =>
      entries(raw, of).flatMap(([name, hook]): Finding[] => {
        const url = at(hook, 'url');
        const plain = typeof url === 'string' && URL.parse(url)?.protocol === 'http:';
        if (!plain || at(hook, 'insecure_http') === true) return [];
        return [
          {
            path: [of, name, 'url'],
            problem: 'This is http:, which anyone on the network can answer; write an https URL.',
          },
        ];
      }),
    ),
};

/** An exception to law 3 needs a condition besides groups, a bound and a name of its own. */
const autoRules: Rule = {
  name: 'auto-rules',
  check: (raw) =>
    entries(raw, 'sessions').flatMap(([session, policy]) => {
      const rules = listOf(at(policy, 'auto_approve'));
      const names = rules.map((rule) => at(rule, 'name'));
      return rules.flatMap((rule, n) => {
        const path: Path = ['sessions', session, 'auto_approve', n];
        return [
          ...groupsAlone(path, rule),
          ...tooLong(path, rule, at(policy, 'window', 'max')),
          ...(names.indexOf(names[n]) < n
            ? [{ path: [...path, 'name'], problem: 'Another rule of this session has this name; each needs its own.' }]
            : []),
        ];
      });
    }),
};

function groupsAlone(path: Path, rule: unknown): Finding[] {
  const isRule = typeof rule === 'object' && rule !== null;
  if (!isRule || at(rule, 'on_call') !== undefined || at(rule, 'ticket') !== undefined) return [];
  return [{ path, problem: 'Groups alone would give standing access; add on_call or ticket.' }];
}

function tooLong(path: Path, rule: unknown, max: unknown): Finding[] {
  const [mine, most] = [at(rule, 'for'), max].map((text) =>
    typeof text === 'string' ? parseDuration(text) : undefined,
  );
  if (mine === undefined || most === undefined || mine <= most) return [];
  return [
    {
      path: [...path, 'for'],
      problem: `This is longer than the session's window.max, ${formatDuration(most)}; shorten it.`,
    },
  ];
}

/** Checked after the other rules (rules.ts). */
export const onCallRules: readonly Rule[] = [someApprover, knownSources, hooksInTheClear, autoRules];
