import { describe, expect, test } from '@jest/globals';
import { knownSecretPrompts } from '../../../src/core/secret-prompts.ts';
import { ConfigError, formatProblem } from '../../../src/config/problem.ts';
import { loudOptions, parseConfig } from '../../../src/config/load.ts';
import { altered, options, problemsOf, smallest } from './sample.ts';

describe('a policy that is accepted', () => {
  test('the smallest gets every default', () => {
    expect(parseConfig(smallest, options)).toEqual({
      host: 'prod-box',
      serviceAccount: 'tmux-gate',
      oidc: {
        issuer: 'https://id.example.com',
        clientId: 'tmux-gate',
        scopes: ['openid', 'email', 'profile'],
        offlineAccess: true,
        claims: { login: { claim: 'email', stripDomain: 'example.com' }, groups: 'groups' },
        redirectUri: 'http://127.0.0.1:8400/',
        insecureHttp: false,
      },
      redis: { kind: 'embedded' },
      signIn: { lifetimeMs: 28_800_000, recheckMs: 60_000, flow: 'device' },
      request: { answerWithinMs: 1_800_000 },
      breakGlass: { windowMs: 900_000 },
      sessions: {
        'prod-db': {
          name: 'prod-db',
          runAs: 'dba',
          who: ['engineers'],
          approvers: { groups: ['oncall'], count: 1, byLink: true },
          window: { defaultMs: 1_800_000, maxMs: 3_600_000 },
          reason: {},
          atExpiry: 'kill',
          sessionGraceMs: 10_000,
          kind: 'shared',
          privileges: 'none',
          record: 'output',
          secretPrompts: knownSecretPrompts,
          mode: 'type',
          moderated: false,
        },
      },
      recordings: { quotaBytes: 1_073_741_824, encryptTo: [] },
      journal: { rotateBytes: 67_108_864 },
      onCall: {},
      tickets: {},
      notify: [],
      peers: {},
      witnesses: [],
      hostLabels: {},
      insecureLoginHomes: false,
    });
  });

  test.each([
    ['redis://redis.example.com', { kind: 'url', url: 'redis://redis.example.com' }],
    ['unix:/run/redis/redis.sock', { kind: 'url', url: 'unix:/run/redis/redis.sock' }],
    [
      '{ url: "rediss://r.example.com:6380/0", password_file: /etc/tmux-gate/redis.secret }',
      { kind: 'url', url: 'rediss://r.example.com:6380/0', passwordFile: '/etc/tmux-gate/redis.secret' },
    ],
  ])('redis: %s', (yaml, redis) => {
    expect(parseConfig(`${smallest}redis: ${yaml}\n`, options).redis).toEqual(redis);
  });

  test('a login map', () => {
    const { login } = parseConfig(altered('strip_domain: example.com', 'map: { alice: a@x }'), options).oidc.claims;
    expect(login).toEqual({ claim: 'email', map: { alice: 'a@x' } });
  });

  test('anchors and aliases', () => {
    const text = altered('groups: [oncall]', 'groups: *crew').replace('[engineers]', '&crew [engineers]');
    expect(parseConfig(text, options).sessions['prod-db']?.approvers.groups).toEqual(['engineers']);
  });

  test('law 1: a name that everybody has (constructor) finds no session, peer or login', () => {
    const config = parseConfig(altered('strip_domain: example.com', 'map: { alice: a@x }'), options);
    const { login } = config.oidc.claims;
    for (const name of ['constructor', 'toString', '__proto__']) {
      expect(config.sessions[name]).toBeUndefined();
      expect(config.peers[name]).toBeUndefined();
      expect('map' in login && login.map[name]).toBeUndefined();
    }
  });

  test('cannot be changed afterwards', () => {
    const config = parseConfig(smallest, options);
    expect(Object.isFrozen(config.sessions['prod-db']?.approvers.groups)).toBe(true);
  });

  test('approval links are off until they have a client, and on for each session until it says otherwise', () => {
    const client = altered('oidc:', 'oidc:\n  approval_client: { client_id: gate-approve, client_secret_file: /a/s }');
    const { oidc, sessions } = parseConfig(client.replace('[oncall]', '[oncall], by_link: false'), options);
    expect(oidc.approvalClient).toEqual({ clientId: 'gate-approve', clientSecretFile: '/a/s' });
    expect(sessions['prod-db']?.approvers.byLink).toBe(false);
    const open = parseConfig(altered('oidc:', 'oidc:\n  approval_client: { client_id: gate-approve }'), options);
    expect(open.oidc.approvalClient).toEqual({ clientId: 'gate-approve' });
  });

  test('weakening options are listed', () => {
    expect(loudOptions(parseConfig(smallest, options))).toEqual([]);
    const weak = altered('https://id.example.com', 'http://127.0.0.1:9\n  insecure_http: true');
    expect(loudOptions(parseConfig(`${weak}insecure_login_homes: true\n`, options))).toEqual([
      'oidc.insecure_http',
      'insecure_login_homes',
    ]);
  });
});

type Bad = readonly [what: string, text: string, path: string, sentence: RegExp];

const bad: readonly Bad[] = [
  ['nothing', '', '', /empty/],
  ['only a comment', '# later\n', '', /empty/],
  ['not YAML', `${smallest}notify: [`, '', /bracket|YAML/],
  ['a tab', altered('  issuer', '\tissuer'), '', /tab|YAML/i],
  ['two documents', `${smallest}---\nhost: b\n`, '', /second document/],
  ['a YAML 1.1 directive', `%YAML 1.1\n---\n${smallest}`, '', /%YAML/],
  ['a tag', altered('host: prod-box', 'host: !!js/function "x"'), 'host', /tag .*not allowed/],
  ['a tag that YAML knows', altered('client_id: tmux-gate', 'client_id: !!binary aGk='), 'oidc.client_id', /tag/],
  ['__proto__', `${smallest}__proto__: { x: 1 }\n`, '__proto__', /not allowed/],
  ['an alias of nothing', altered('[engineers]', '*crew'), 'sessions.prod-db.who', /anchor/],
  ['a merge key', `${smallest}<<: { host: b }\n`, '["<<"]', /unknown/],
  [
    'a duplicate key',
    altered('    run_as: dba', '    run_as: dba\n    run_as: db'),
    'sessions.prod-db.run_as',
    /twice/,
  ],
  ['a duplicate key in braces', altered('max: 1h', 'max: 1h, max: 2h'), 'sessions.prod-db.window.max', /twice/],
  ['a host in capitals', altered('prod-box', 'Prod-Box'), 'host', /small letters/],
  ['a number for a host', altered('prod-box', '12'), 'host', /quotes/],
  ['an unknown key', `${smallest}colour: red\n`, 'colour', /unknown here; known are .*sessions/],
  ['a misspelt key', altered('approvers:', 'aprovers:'), 'sessions.prod-db.aprovers', /Did you mean "approvers"\?/],
  ['a hyphen in a key', altered('run_as', 'run-as'), 'sessions.prod-db.run-as', /Did you mean "run_as"\?/],
  ['a missing key', altered('    run_as: dba\n', ''), 'sessions.prod-db.run_as', /missing.*account that the session/],
  ['an empty value', altered('run_as: dba', 'run_as:'), 'sessions.prod-db.run_as', /empty/],
  ['a bare number', altered('max: 1h', 'max: 60'), 'sessions.prod-db.window.max', /60 has no unit/],
  ['an unknown unit', altered('max: 1h', 'max: 1w'), 'sessions.prod-db.window.max', /"1w" is not a duration/],
  ['a unit in words', altered('max: 1h', 'max: 1 hour'), 'sessions.prod-db.window.max', /not a duration/],
  ['a window of two days', altered('max: 1h', 'max: 2d'), 'sessions.prod-db.window.max', /most allowed, 24h/],
  [
    'a window of a second',
    altered('default: 30m', 'default: 1s'),
    'sessions.prod-db.window.default',
    /least allowed, 10s/,
  ],
  ['default over max', altered('default: 30m', 'default: 2h'), 'sessions.prod-db.window.default', /longer than max/],
  ['a session as root', altered('dba', 'root'), 'sessions.prod-db.run_as', /never runs as root/],
  ['a session as uid 0', altered('dba', "'0'"), 'sessions.prod-db.run_as', /not an account name/],
  ['a session as the service account', altered('dba', 'tmux-gate'), 'sessions.prod-db.run_as', /service account/],
  ['a root service account', `${smallest}service_account: root\n`, 'service_account', /never root/],
  ['a session named as a verb', altered('prod-db:', 'approve:'), 'sessions.approve', /"approve" is a verb/],
  ['a session with a dot', altered('prod-db:', 'prod.db:'), 'sessions["prod.db"]', /session name/],
  ['no session', `${smallest.split('sessions:')[0] ?? ''}sessions: {}\n`, 'sessions', /at least one/],
  ['nobody may ask', altered('[engineers]', '[]'), 'sessions.prod-db.who', /empty; name at least one/],
  ['a group that is no list', altered('[engineers]', 'engineers'), 'sessions.prod-db.who', /a list/],
  ['a group that is a number', altered('[engineers]', '[7]'), 'sessions.prod-db.who[0]', /text/],
  ['no approver', altered('[oncall]', '[]'), 'sessions.prod-db.approvers.groups', /at least one/],
  ['count 0', altered('[oncall]', '[oncall], count: 0'), 'sessions.prod-db.approvers.count', /least allowed is 1/],
  ['count 6', altered('[oncall]', '[oncall], count: 6'), 'sessions.prod-db.approvers.count', /most allowed is 5/],
  ['count 1.5', altered('[oncall]', '[oncall], count: 1.5'), 'sessions.prod-db.approvers.count', /whole number/],
  ['a broken pattern', `${smallest}    reason: { pattern: '(' }\n`, 'sessions.prod-db.reason.pattern', /regular/],
  [
    'a pattern that looks ahead',
    `${smallest}    reason: { pattern: 'a(?=b)' }\n`,
    'sessions.prod-db.reason.pattern',
    /RE2/,
  ],
  ['a hint with an escape', `${smallest}    reason: { hint: "\\e[2J" }\n`, 'sessions.prod-db.reason.hint', /control/],
  ['a misspelt word', `${smallest}    at_expiry: kil\n`, 'sessions.prod-db.at_expiry', /Did you mean "kill"\?/],
  ['an unknown kind', `${smallest}    kind: private\n`, 'sessions.prod-db.kind', /shared or dedicated/],
  ['no connections at all', `${smallest}    max_connections: 0\n`, 'sessions.prod-db.max_connections', /1/],
  [
    'a dedicated session that is kept',
    `${smallest}    kind: dedicated\n    at_expiry: keep\n`,
    'sessions.prod-db.at_expiry',
    /A dedicated session ends with its grant/,
  ],
  ['an unknown recording', `${smallest}    record: video\n`, 'sessions.prod-db.record', /output or output\+input/],
  ['a long grace', `${smallest}    session_grace: 6m\n`, 'sessions.prod-db.session_grace', /most allowed, 5m/],
  ['an http issuer', altered('https:', 'http:'), 'oidc.issuer', /http:.*https/],
  ['an issuer with a query', altered('example.com\n', 'example.com/?a=1\n'), 'oidc.issuer', /no \? part/],
  ['an issuer that is no URL', altered('https://id.example.com', 'id'), 'oidc.issuer', /not an issuer/],
  ['insecure_http in quotes', altered('oidc:', 'oidc:\n  insecure_http: "yes"'), 'oidc.insecure_http', /true or false/],
  [
    'one client for both',
    altered('oidc:', 'oidc:\n  approval_client: { client_id: tmux-gate }'),
    'oidc.approval_client.client_id',
    /client of sign-ins/,
  ],
  ['scopes without openid', altered('oidc:', 'oidc:\n  scopes: [email]'), 'oidc.scopes', /openid is missing/],
  ['a relative file', altered('oidc:', 'oidc:\n  client_secret_file: s'), 'oidc.client_secret_file', /absolute path/],
  ['a file with ..', altered('oidc:', 'oidc:\n  client_secret_file: /a/../s'), 'oidc.client_secret_file', /\.\. in it/],
  ['@ in the domain', altered('example.com }', "'@example.com' }"), 'oidc.claims.login.strip_domain', /without @/],
  ['a map and a domain', altered('example.com }', 'example.com, map: { a: b } }'), 'oidc.claims.login.map', /keep one/],
  ['an unknown Redis', `${smallest}redis: internal\n`, 'redis', /not a Redis address/],
  ['a number for Redis', `${smallest}redis: 6379\n`, 'redis', /wrong type.*embedded/],
  [
    'a misspelt Redis key',
    `${smallest}redis: { url: 'redis://a', pasword_file: /s }\n`,
    'redis.pasword_file',
    /password_file/,
  ],
  ['a short recheck', `${smallest}sign_in: { recheck: 1s }\n`, 'sign_in.recheck', /least allowed, 10s/],
  ['a long sign-in', `${smallest}sign_in: { lifetime: 25h }\n`, 'sign_in.lifetime', /most allowed, 24h/],
  ['a long request', `${smallest}request: { answer_within: 2d }\n`, 'request.answer_within', /most allowed, 24h/],
  ['a webhook that is no URL', `${smallest}notify: [{ webhook: ftp://x }]\n`, 'notify[0].webhook', /not a web address/],
  [
    'an unknown notice form',
    `${smallest}notify: [{ webhook: "https://x", format: jsn }]\n`,
    'notify[0].format',
    /"json"\?/,
  ],
  ['a relative peer key', `${smallest}peers: { box-2: key }\n`, 'peers.box-2', /absolute path/],
  ['a peer in capitals', `${smallest}peers: { BOX: /k }\n`, 'peers.BOX', /small letters/],
];

describe('a policy that is refused', () => {
  test.each(bad)('%s', (_what, text, path, sentence) => {
    expect(problemsOf(text)).toContainEqual(
      expect.objectContaining({ path, problem: expect.stringMatching(sentence) }),
    );
  });

  test.each(bad)('%s: in plain sentences', (_what, text) => {
    for (const { problem } of problemsOf(text)) {
      expect(problem).toMatch(/^\S.*[.?]$/);
      expect(problem.length).toBeLessThan(250);
      expect(problem).not.toMatch(/Invalid|Unrecognized|Too (?:small|big)|undefined|\[object/);
    }
  });

  test('tells everything at once, in the order of the file, with lines', () => {
    const text = altered('prod-box', 'B').replace('max: 1h', 'max: 10m').replace('run_as: dba', 'run_as: root');
    const problems = problemsOf(`${text}    record: all\nnotify: [{}]\npeers: {}\npeers: {}\n`);
    expect(problems.map(({ line, path }) => [line, path])).toEqual([
      [1, 'host'],
      [8, 'sessions.prod-db.run_as'],
      [11, 'sessions.prod-db.window.default'],
      [12, 'sessions.prod-db.record'],
      [13, 'notify[0].webhook'],
      [15, 'peers'],
    ]);
  });

  test('the message has a line for each problem', () => {
    const { message } = new ConfigError(problemsOf(altered('max: 1h', 'max: 2d')), '/etc/tmux-gate/config.yaml');
    expect(message.split('\n')).toEqual([
      '/etc/tmux-gate/config.yaml is refused:',
      '  line 11, sessions.prod-db.window.max: "2d" is more than the most allowed, 24h.',
    ]);
    expect(formatProblem({ path: '', problem: 'The file is empty.' })).toBe('The file is empty.');
  });

  test('law 11: a secret in the wrong place is not repeated', () => {
    const secret = 'hunter2hunter2';
    for (const text of [
      `${smallest}redis: redis://:${secret}@r.example.com\n`,
      `${smallest}redis: { url: "redis://u:${secret}@r" }\n`,
      altered('oidc:', `oidc:\n  client_secret_file: ${secret}`),
      altered('https://id.example.com', `https://u:${secret}@id.example.com`),
      `${smallest}notify: [{ webhook: "https://u:${secret}@x" }]\n`,
      `${smallest}redis: "${secret}\n`,
    ]) {
      const problems = problemsOf(text);
      expect(problems).not.toEqual([]);
      expect(JSON.stringify(problems)).not.toContain(secret);
    }
  });

  test('law 9: an escape sequence in a key does not reach the screen', () => {
    const { message } = new ConfigError(problemsOf(`${smallest}"\\e]0;x\\a": 1\n`));
    expect(message).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
  });
});
