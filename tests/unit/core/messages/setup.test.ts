// What the commands of setup say, read aloud once.
import { describe, expect, test } from '@jest/globals';
import { configComments, sessionComments } from '../../../../src/core/messages/setup-comments.ts';
import * as faults from '../../../../src/core/messages/setup-faults.ts';
import { initExamples, loginExamples, sessionExamples } from '../../../../src/core/messages/setup-help.ts';
import * as says from '../../../../src/core/messages/setup.ts';

const all: readonly faults.Fault[] = [
  faults.toolMissing('visudo'),
  faults.toolFailed('useradd dba', ''),
  faults.toolFailed('useradd dba', 'useradd: cannot lock /etc/passwd'),
  faults.unfitFile('/etc/a'),
  faults.changePending,
  faults.journalUnread('/var/lib/tmux-gate/setup/pending.json'),
  faults.sshdRefuses('line 3: Bad configuration option'),
  faults.sudoRefuses('syntax error'),
  faults.policyRefused('/etc/tmux-gate/config.yaml', ['host: is missing.', 'oidc: is missing.']),
  faults.policyUnread,
  faults.noPolicy('/etc/tmux-gate/config.yaml'),
  faults.sessionThere('prod-db'),
  faults.policyThere(['host', 'oidc.issuer']),
  faults.notInstalled,
  faults.inSandbox,
  faults.noFreeUid,
  faults.unfitAccount('dba', 'in-use'),
  faults.unfitLogin('alice', 'yourself'),
  faults.noSuchLogin('alice'),
  faults.badKey('id_rsa', 'private'),
  faults.keysNotFetched('alice'),
  faults.badAnswers('answers.yaml', ['oidc.issuer: Invalid input']),
  faults.missingAnswers(['--issuer', '--session']),
  faults.badAnswer('--session', '1db'),
  faults.providerUnfit('the provider refuses the connection', 'is it running?'),
  faults.clientRefused('tmux-gate', 'the provider answered "invalid_client" (401)'),
  faults.noDeviceFlow('tmux-gate'),
  faults.redirectRefused('http://127.0.0.1:8400/', 'HTTP status 400'),
  faults.lookFailed('the device code is over'),
  faults.noClaims,
  faults.nothingPending,
  faults.wrongCode,
  faults.notFreshLogin('no-ssh'),
  faults.rolledBack('nobody confirmed it in time'),
  faults.nothingToUndo,
  faults.broken('write /etc/a ENOSPC'),
];

test.each(all.map((fault) => [fault.code, fault] as const))(
  '%s says what is wrong and what to do, on one line each',
  (_, fault) => {
    expect(fault.say).toMatch(/^\S[^\n]{10,400}$/);
    expect(fault.hint).toMatch(/^\S[^\n]{5,300}$/);
    expect(fault.exit).toBeGreaterThanOrEqual(64);
    expect(fault.exit).toBeLessThanOrEqual(78);
  },
);

test('a login that --undo does not bring back is named, with what it had', () => {
  const had = [
    says.notBroughtBack('bob', 1, true),
    says.notBroughtBack('bob', 2, false),
    says.notBroughtBack('bob', 0, true),
  ];
  expect(had.map((text) => /took (.*) away/.exec(text)?.[1])).toEqual([
    'its key and its group',
    'its 2 keys',
    'its group',
  ]);
});

describe('init', () => {
  const proposal = {
    login: { claim: 'email', stripDomain: 'example.com' },
    own: 'alice',
    groups: 'groups',
    ownGroups: ['a', 'b'],
    isOverage: false,
  };

  test('shows what a token carries, and what it proposes', () => {
    expect(says.claimsSeen([['email', 'alice@example.com']])[1]).toMatch(/^ {2}email +alice@example\.com$/);
    expect(says.proposed(proposal)).toEqual([
      'Proposed claims.login:  email without @example.com (you would be the login alice)',
      'Proposed claims.groups: groups (yours: a, b)',
    ]);
    const none = says.proposed({
      ...proposal,
      login: { claim: 'sub' },
      own: undefined,
      groups: undefined,
      isOverage: true,
    });
    expect(none.join('\n')).toMatch(/sub \(it names no login[^]*none: no claim[^]*WARNING/);
    expect(says.proposed({ ...proposal, login: { claim: 'sub', map: {} } })[0]).toContain('sub, by a table');
  });

  test('asks, shows and tells', () => {
    expect(says.withDefault('Name', 'a')).toBe('Name [a]: ');
    expect(says.withoutDefault('Name')).toBe('Name: ');
    expect(says.signInNow('https://a/device', 'ABCD').join('\n')).toMatch(/https:\/\/a\/device\n {2}code ABCD/);
    expect(says.signInByLink('https://a/auth')[1]).toBe('  https://a/auth');
    expect(says.finding('warn', 'clocks differ', 'set it')).toBe('warn    clocks differ; set it');
    expect(says.finding('warn', 'clocks differ', undefined)).toBe('warn    clocks differ');
    expect(says.secretFile('/etc/x', 12)).toBe('+ /etc/x: a secret of 12 characters, not shown');
    expect(says.commandLine(['useradd', 'dba'])).toBe('+ useradd dba');
    expect(says.noSystemd(7)).toContain('process 7');
    expect(says.startKeeper('/k')).toContain('/k');
    expect(says.confirmNow('C0DE', 120, 'prod-box').join('\n')).toMatch(/120 s[^]*prod-box[^]*--confirm C0DE/);
    expect(says.nextSteps(['alice'], 'prod-box', 'prod-db')[0]).toBe(
      'alice can ask now: ssh -t alice@prod-box prod-db',
    );
    expect(says.undoneBecause('late')).toBe('nobody confirmed it in time');
  });

  test('names what could not be put back', () => {
    const notes = [
      says.failedToUndo('/etc/a', 'EROFS'),
      says.wasChanged('/etc/a', '/var/b'),
      says.linkStays('/etc/a'),
      says.folderStays('/home/a'),
      says.homeStays('/home/a'),
      says.otherAccount('dba'),
      says.accountStays('dba', 'in use'),
      says.accountsChanged('/etc/passwd'),
    ];
    for (const note of notes) expect(note).toMatch(/^\S[^\n]+$/);
  });
});

test('login and session', () => {
  expect(says.loginAdded('alice', ['SHA256:a', 'SHA256:b'])).toBe('alice is gated, with SHA256:a, SHA256:b');
  expect(says.loginRemoved('alice', '1m').join('\n')).toMatch(/within 1m[^]*lock alice/);
  expect(says.accountRemoved('alice')).toContain('alice');
  expect(says.accountLeft('alice', says.foundAccount)).toBe('The account alice stays: tmux-gate did not make it');
  expect(says.loginRow('alice', 1, says.accountMade)).toMatch(/^alice +1 key {3}made by/);
  expect(says.loginRow('bob', 2, says.accountFound)).toMatch(/^bob +2 keys {2}was/);
  expect(says.sessionAdded('prod-db')).toContain('prod-db');
  for (const text of [...Object.values(configComments), sessionComments]) expect(text).toMatch(/^ \S/);
  for (const example of [
    ...Object.values(initExamples),
    ...Object.values(loginExamples),
    ...Object.values(sessionExamples),
  ])
    expect(example[0]).toMatch(/^\$0 (?:init|login|session)/);
});
