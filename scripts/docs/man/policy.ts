// tmux-gate.yaml(5): every key of the policy.
import { layoutAt } from '../../../src/wire/layout.ts';
import { keys, type Key } from './keys.ts';
import { below, bold, example, paragraph, pathTag, section, subsection, tagged, type Page } from './roff.ts';

const layout = layoutAt('');

const description: readonly string[] = [
  ...paragraph(
    'The policy of a host: who may ask for which session, who decides, and for how long.',
    'It is a YAML 1.2 file that belongs to root. Nobody else may write to it or to a folder above it, and no part of its path is a symbolic link.',
    'The keeper reads it when it starts, and at no other time.',
  ),
  ...paragraph(
    'An unknown key is an error, as is a key that stands twice. All errors are reported at once, each with its key.',
    '`tmux-gate policy check` reads the file as the keeper does, and also says whether the accounts of the sessions exist.',
  ),
];

const types: readonly string[] = [
  ...paragraph('In the paths below, NAME is a name that you choose, and `[]` is each entry of a list.'),
  ...tagged(bold('duration'), 'Whole numbers with their units, `s`, `m`, `h` or `d`: `45s`, `20m`, `8h`, `1h30m`.'),
  ...tagged(bold('instant in UTC'), 'A date and a time: `2026-11-23T08:00Z`.'),
  ...tagged(bold('absolute path'), 'Begins with `/` and has no `.` or `..` in it.'),
  ...tagged(bold('account'), 'A Unix account of this host.'),
  ...tagged(bold('session name'), 'Up to 32 letters, digits, `_` or `-`. It begins with a letter and is no verb.'),
  ...tagged(bold('name'), 'Up to 32 small letters, digits, `_` or `-`. It begins with a letter.'),
  ...tagged(bold('text'), 'One line, without control or invisible characters.'),
];

const titles: Readonly<Record<string, string>> = {
  oidc: 'The provider',
  redis: 'Redis',
  sign_in: 'Sign-ins, requests, break-glass',
  sessions: 'Sessions',
  on_call: 'Who is on call',
  tickets: 'Ticket hooks',
  notify: 'Notices',
  peers: 'Fleet and exceptions',
};

const quoted = (names: readonly string[]): string => names.map((name) => `\`${name}\``).join(', ');

function givenOf({ required, byDefault, oneOf }: Key): string {
  if (oneOf.length > 0) return `exactly one of ${quoted(oneOf)}`;
  if (required) return 'required';
  return byDefault === undefined ? 'optional' : `default: \`${byDefault}\``;
}

function entry(key: Key): readonly string[] {
  const where = key.beside.length === 0 ? '' : ` Only beside ${quoted(key.beside).replace(', ', ' or ')}.`;
  return [...tagged(pathTag(key.path), `${key.type}; ${givenOf(key)}.${where}`), ...below(key.meaning)];
}

const keyEntries: readonly string[] = keys.flatMap((key) => {
  const title = titles[key.path];
  return [...(title === undefined ? [] : subsection(title)), ...entry(key)];
});

const rules: readonly string[] = [
  'There is at least one session.',
  '`window.default` is not longer than `window.max`, and `idle.warn` is shorter than `idle.end`.',
  '`reason.example` matches `reason.pattern`.',
  '`run_as` is neither root nor the service account.',
  '`kind: dedicated` stands neither beside `at_expiry: keep` nor beside `moderated: true`.',
  '`moderated: true` stands neither beside `mode: view` nor beside `max_connections: 1`.',
  '`approvers` names `groups`, `on_call` or both; each source and each ticket hook that is named exists.',
  'A rule of `auto_approve` names `on_call` or `ticket`: groups alone would be standing access.',
  '`strip_domain` and `map` do not stand together.',
  '`oidc.approval_client.client_id` is another one than `oidc.client_id`.',
  'A URL is `https:`, unless the `insecure_` key beside it says otherwise.',
].flatMap((rule) => ['.IP \\(bu 2', ...paragraph(rule).slice(1)]);

const examples: readonly string[] = [
  ...paragraph('The shortest useful policy:'),
  ...example(
    'host: prod-box',
    'service_account: tmux-gate',
    'oidc:',
    '  issuer: https://id.example.com/realms/main',
    '  client_id: tmux-gate',
    '  claims:',
    '    login: { claim: email, strip_domain: example.com }',
    '    groups: groups',
    'sessions:',
    '  prod-db:',
    '    run_as: dba',
    '    who: [engineers]',
    '    approvers: { groups: [oncall], count: 1 }',
    '    window: { default: 30m, max: 1h }',
  ),
  ...paragraph('Is it in order, and what would it say to somebody?'),
  ...example(
    'tmux-gate policy check',
    'tmux-gate policy check --group engineers --session prod-db --for 20m',
    'tmux-gate policy check --session prod-db --reviewer bob',
  ),
  ...paragraph('A rota of two people, week by week:'),
  ...example(
    'on_call:',
    '  primary:',
    '    rota:',
    '      - from: 2026-11-23T08:00Z',
    '        until: 2026-11-30T08:00Z',
    '        every: 14d',
    '        people: [bob]',
    '      - from: 2026-11-30T08:00Z',
    '        until: 2026-12-07T08:00Z',
    '        every: 14d',
    '        people: [carol]',
  ),
];

export const policyPage: Omit<Page, 'version'> = {
  name: 'tmux-gate.yaml',
  section: 5,
  about: 'the policy of tmux-gate: sessions, who may ask, who decides',
  body: [
    ...[section('SYNOPSIS'), [pathTag(layout.config)], section('DESCRIPTION'), description],
    ...[section('TYPES'), types, section('KEYS'), keyEntries],
    ...[section('RULES ACROSS KEYS'), rules, section('EXAMPLES'), examples],
    section('FILES'),
    tagged(pathTag(layout.config), 'The policy, mode 0600 or 0644.'),
    section('SEE ALSO'),
    paragraph('tmux-gate(8), tmux-gate-keeper(8)'),
  ],
};
