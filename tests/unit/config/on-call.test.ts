import { describe, expect, test } from '@jest/globals';
import { loudOptions, parseConfig } from '../../../src/config/load.ts';
import { altered, options, problemsOf, smallest } from './sample.ts';

const turn = '{ from: 2026-11-23T08:00Z, until: 2026-11-30T08:00Z, every: 14d, people: [bob, carol@example.com] }';
const sources = `on_call:
  primary: { rota: [${turn}] }
  pager: { command: [/etc/tmux-gate/on-call, --team, db], cache: 30s }
  web: { url: 'https://x.example/on-call', secret_file: /etc/tmux-gate/web.secret, answer_within: 2s }
tickets:
  jira: { command: [/etc/tmux-gate/ticket] }
`;
const auto = (rule: string): string => `${smallest}    auto_approve: [${rule}]\n${sources}`;
const approvers = (text: string): string => `${altered('{ groups: [oncall] }', text)}${sources}`;

describe('who is on call', () => {
  test('by rota, program and URL', () => {
    const { onCall, tickets } = parseConfig(`${smallest}${sources}`, options);
    expect({ ...onCall }).toEqual({
      primary: {
        rota: [
          {
            from: Date.parse('2026-11-23T08:00:00Z'),
            until: Date.parse('2026-11-30T08:00:00Z'),
            everyMs: 14 * 86_400_000,
            people: ['bob', 'carol@example.com'],
          },
        ],
      },
      pager: { hook: { command: ['/etc/tmux-gate/on-call', '--team', 'db'], answerWithinMs: 5_000 }, cacheMs: 30_000 },
      web: {
        hook: {
          url: 'https://x.example/on-call',
          secretFile: '/etc/tmux-gate/web.secret',
          insecureHttp: false,
          answerWithinMs: 2_000,
        },
        cacheMs: 60_000,
      },
    });
    expect({ ...tickets }).toEqual({ jira: { command: ['/etc/tmux-gate/ticket'], answerWithinMs: 5_000 } });
  });

  test('approvers are groups, sources or both', () => {
    const of = (text: string) => parseConfig(approvers(text), options).sessions['prod-db']?.approvers;
    expect(of('{ on_call: [primary] }')).toEqual({ groups: [], onCall: ['primary'], count: 1, byLink: true });
    expect(of('{ groups: [oncall], on_call: [pager, web], count: 2 }')).toEqual({
      groups: ['oncall'],
      onCall: ['pager', 'web'],
      count: 2,
      byLink: true,
    });
  });

  test('a URL in the clear has to be asked for, and is listed', () => {
    const text = `${smallest}on_call: { web: { url: 'http://127.0.0.1:9/x', insecure_http: true } }\ntickets: { jira: { url: 'http://127.0.0.1:9/', insecure_http: true } }\n`;
    expect(loudOptions(parseConfig(text, options))).toEqual([
      'on_call.web.insecure_http',
      'tickets.jira.insecure_http',
    ]);
  });
});

describe('law 3: rules that approve', () => {
  test('are none unless they are written', () => {
    expect(parseConfig(smallest, options).sessions['prod-db']).not.toHaveProperty('autoApprove');
  });

  test('name what has to hold', () => {
    const text = auto(
      '{ name: own-rota, who: [oncall], on_call: [primary], for: 15m }, { name: jira, ticket: jira, for: 10m }',
    );
    expect(parseConfig(text, options).sessions['prod-db']?.autoApprove).toEqual([
      { name: 'own-rota', who: ['oncall'], onCall: ['primary'], forMs: 900_000 },
      { name: 'jira', ticket: 'jira', forMs: 600_000 },
    ]);
  });
});

const rota = (text: string): string => `${smallest}on_call: { primary: { rota: [${text}] } }\n`;
const at = 'sessions.prod-db';

describe('a policy that is refused', () => {
  test.each([
    ['nobody to approve', altered('{ groups: [oncall] }', '{ count: 1 }'), `${at}.approvers`, /Nobody may approve/],
    [
      'an unknown source',
      approvers('{ on_call: [primry] }'),
      `${at}.approvers.on_call[0]`,
      /no "primry" under on_call/,
    ],
    [
      'a source named as what everybody has',
      approvers('{ on_call: [constructor] }'),
      `${at}.approvers.on_call[0]`,
      /no "/,
    ],
    ['no source at all', approvers('{ on_call: [] }'), `${at}.approvers.on_call`, /empty/],
    [
      'a source in capitals',
      `${smallest}on_call: { Primary: { rota: [${turn}] } }\n`,
      'on_call.Primary',
      /small letters/,
    ],
    ['a relative program', `${smallest}on_call: { p: { command: [on-call] } }\n`, 'on_call.p.command[0]', /absolute/],
    ['no program', `${smallest}on_call: { p: { command: [] } }\n`, 'on_call.p.command', /empty|missing/],
    ['two ways at once', `${smallest}on_call: { p: { command: [/a], rota: [] } }\n`, 'on_call.p.rota', /unknown/],
    ['a misspelt key', `${smallest}on_call: { p: { command: [/a], cahe: 1m } }\n`, 'on_call.p.cahe', /"cache"/],
    [
      'a cache for a day',
      `${smallest}on_call: { p: { command: [/a], cache: 1d } }\n`,
      'on_call.p.cache',
      /most allowed, 1h/,
    ],
    [
      'an answer in a minute',
      `${smallest}on_call: { p: { command: [/a], answer_within: 1m } }\n`,
      'on_call.p.answer_within',
      /20s/,
    ],
    ['a URL in the clear', `${smallest}on_call: { p: { url: 'http://x' } }\n`, 'on_call.p.url', /http:.*https/],
    ['a ticket URL in the clear', `${smallest}tickets: { p: { url: 'http://x' } }\n`, 'tickets.p.url', /http:.*https/],
    [
      'a local time',
      rota('{ from: 2026-11-23T08:00, until: 2026-11-30T08:00Z, people: [bob] }'),
      'on_call.primary.rota[0].from',
      /UTC/,
    ],
    [
      'a day that is none',
      rota('{ from: 2026-02-30T08:00Z, until: 2026-11-30T08:00Z, people: [bob] }'),
      'on_call.primary.rota[0].from',
      /UTC/,
    ],
    [
      'a turn that ends first',
      rota('{ from: 2026-11-23T08:00Z, until: 2026-11-23T08:00Z, people: [bob] }'),
      'on_call.primary.rota[0].until',
      /not after/,
    ],
    [
      'a turn that begins again before it ends',
      rota('{ from: 2026-11-23T08:00Z, until: 2026-11-30T08:00Z, every: 6d, people: [bob] }'),
      'on_call.primary.rota[0].every',
      /begin again before it ends/,
    ],
    [
      'nobody in a turn',
      rota('{ from: 2026-11-23T08:00Z, until: 2026-11-30T08:00Z, people: [] }'),
      'on_call.primary.rota[0].people',
      /empty/,
    ],
    [
      'a rule of groups alone',
      auto('{ name: a, who: [oncall], for: 15m }'),
      `${at}.auto_approve[0]`,
      /standing access/,
    ],
    ['a rule without an end', auto('{ name: a, ticket: jira }'), `${at}.auto_approve[0].for`, /missing/],
    [
      'a rule beyond the window',
      auto('{ name: a, ticket: jira, for: 2h }'),
      `${at}.auto_approve[0].for`,
      /window\.max, 1h/,
    ],
    [
      'a rule by an unknown ticket',
      auto('{ name: a, ticket: jra, for: 15m }'),
      `${at}.auto_approve[0].ticket`,
      /no "jra" under tickets/,
    ],
    [
      'a rule by an unknown source',
      auto('{ name: a, on_call: [x], for: 15m }'),
      `${at}.auto_approve[0].on_call[0]`,
      /no "x" under/,
    ],
    [
      'two rules of one name',
      auto('{ name: a, ticket: jira, for: 15m }, { name: a, ticket: jira, for: 5m }'),
      `${at}.auto_approve[1].name`,
      /its own/,
    ],
  ])('%s', (_, text, path, sentence) => {
    const problems = problemsOf(text);
    expect(problems).toContainEqual(expect.objectContaining({ path, problem: expect.stringMatching(sentence) }));
    for (const { problem } of problems) {
      expect(problem).toMatch(/^\S.*[.?]$/);
      expect(problem).not.toMatch(/Invalid|Unrecognized|Too (?:small|big)|undefined|\[object/);
    }
  });
});
