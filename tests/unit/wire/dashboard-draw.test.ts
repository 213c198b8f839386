import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { drawDashboard } from '../../../src/wire/dashboard-draw.ts';
import { widthOf } from '../../../src/wire/width.ts';
import { dashboardOf, connectionRow, grantRow, now, press, requestRow, tell, type Told } from './dashboard-sample.ts';

type Board = ReturnType<typeof dashboardOf>;

const draw = (dashboard: Board, columns = 80, rows = 10) => drawDashboard(dashboard, { columns, rows, now });
const texts = (dashboard: Board, columns = 80, rows = 10): string[] =>
  draw(dashboard, columns, rows).map(({ text }) => text.trimEnd());

const told: Told = {
  requests: [requestRow('ONE111'), requestRow('TWO222', 'carol', 'INC-2 日本語の理由')],
  grants: [grantRow('GRANT11111')],
  connections: [connectionRow('CONN111111', 'GRANT11111')],
};

test('a dashboard of 80 columns', () => {
  expect(texts(press(dashboardOf(told), 'j').dashboard)).toEqual([
    'tmux-gate on prod-box  [Requests 2]  Grants 1   Connections 1',
    '  ID      WHO    SESSION           FOR  WAITS  REASON',
    '> ONE111  alice  prod-db@prod-box  20m  3s     INC-1 look',
    '  TWO222  carol  prod-db@prod-box  20m  3s     INC-2 日本語の理由',
    ...['', '', '', '', ''],
    'j k select  enter details  a approve  d deny  r revoke  tab next  ? help  q quit',
  ]);
});

test('of 40 columns: the columns that matter most', () => {
  expect(texts(press(dashboardOf(told), 'j').dashboard, 40, 6)).toEqual([
    '[Requests 2]  Grants 1   Connections 1',
    '  ID      WHO    SESSION',
    '> ONE111  alice  prod-db@prod-box',
    '  TWO222  carol  prod-db@prod-box',
    '',
    'j k  enter  a d r  tab  ? help  q quit',
  ]);
});

test('of 120 columns: the keys in full', () => {
  expect(texts(dashboardOf(told), 120).at(-1)).toContain('up down select');
});

test('grants and connections count down; what has no room goes', () => {
  expect(texts(press(dashboardOf(told), 'TAB').dashboard)[2]).toBe(
    '  GRANT11111  alice  prod-db  1m 35s  20:01:35 UTC  bob',
  );
  const connections = press(dashboardOf(told), 'TAB TAB').dashboard;
  expect(texts(connections)[2]).toBe('  CONN111111  alice  prod-db  1m 35s  1m 05s  192.0.2.7  GRANT11111');
  expect(texts(connections, 40)[2]).toBe('  CONN111111  alice  prod-db  1m 35s');
});

test('a part without rows says so, or what is wrong', () => {
  expect(texts(dashboardOf())[1]).toBe('No requests are waiting.');
  expect(texts(press(dashboardOf(), 'TAB TAB').dashboard)[1]).toBe('Nobody is attached.');
  expect(texts(dashboardOf({ problem: 'The store does not answer. [REDIS_DOWN]' }), 30).slice(1, 3)).toEqual([
    'The store does not answer.',
    '[REDIS_DOWN]',
  ]);
  const some = dashboardOf({ problem: 'The store does not answer. [REDIS_DOWN]', requests: told.requests ?? [] });
  expect(texts(some, 200)[1]).toMatch(/\(the rest cannot be read\)$/);
  const none = { ...dashboardOf(), frame: { ...dashboardOf().frame, parts: [] } };
  expect(texts(none)[0]).toContain('[Requests 0]');
});

test('more rows than fit: whole pages, and which they are', () => {
  const dashboard = dashboardOf({ requests: Array.from({ length: 9 }, (_, n) => requestRow(`R${n}`)), more: 3 });
  expect(texts(dashboard, 80, 6)[1]).toContain('(1-3 of 12)');
  const later = texts(press(dashboard, 'j j j j j').dashboard, 80, 6);
  expect(later[1]).toContain('(4-6 of 12)');
  expect(later[3]).toMatch(/^> R4/);
});

test('the whole of a row, folded, scrolled; and gone', () => {
  const reason = 'INC-9 ' + 'word '.repeat(30).trim();
  const dashboard = press(dashboardOf({ requests: [requestRow('ONE111', 'alice', reason)] }), 'j ENTER').dashboard;
  const all = texts(dashboard, 40, 10);
  expect(all.slice(1, 3)).toEqual(['Request ONE111', '  Reason    INC-9 word word word word']);
  expect(all.at(-1)).toBe('j k scroll  a d r  enter or q: back');
  expect(texts(press(dashboard, 'j').dashboard, 40, 5)[1]).toBe('  Reason    INC-9 word word word word');
  expect(texts(press(dashboard, 'j j j j j j j j j j j').dashboard, 40, 5)[1]).not.toBe('');
  expect(texts(tell(dashboard, {}))[1]).toBe('This row is gone. Press Enter to go back.');
  expect(texts(press(dashboardOf(), '?').dashboard, 80, 14)[1]).toContain('select a row');
});

test('what came of a key, a question and what is typed stand above the keys', () => {
  const said = tell(press(dashboardOf(told), 'j a').dashboard, {
    answered: 1,
    says: ['Nobody reviews their own. [SELF_REVIEW]', 'forward it'],
  });
  expect(texts(said).slice(-3, -1)).toEqual(['Nobody reviews their own. [SELF_REVIEW]', 'forward it']);
  const asked = press(dashboardOf(told), 'j d n o').dashboard;
  expect(texts(asked).slice(-3)).toEqual([
    'Reason to deny ONE111 (alice, prod-db@prod-box):',
    '> no_',
    'Enter to continue, Esc to cancel',
  ]);
  const revoke = press(dashboardOf(told), 'TAB j r').dashboard;
  expect(texts(revoke).at(-3)).toBe('Reason to revoke GRANT11111 (alice, prod-db) (optional):');
  expect(texts(press(revoke, 'ENTER').dashboard).at(-2)).toBe('Revoke GRANT11111 (alice, prod-db)?');
  expect(texts(press(dashboardOf(told), 'j a').dashboard).at(-2)).toBe('One moment ...');
});

test('a reason that is longer than the line shows its end', () => {
  const asked = press(dashboardOf(told), `j d ${'x '.repeat(60)}END`).dashboard;
  expect(texts(asked, 40).at(-2)).toMatch(/^> x+END_$/);
});

describe('law 9: whatever the rows and the terminal', () => {
  const anyText = fc.string({ unit: 'grapheme', maxLength: 60 });
  const keys = fc.array(fc.constantFrom('j', 'k', 'd', 'r', '?', 'b', 'x', 'TAB', 'ENTER', 'ESC'), { maxLength: 6 });

  test('lines fit, and there are as many as the terminal has', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(anyText, anyText), { maxLength: 8 }),
        keys,
        fc.integer({ min: 1, max: 130 }),
        fc.integer({ min: 1, max: 40 }),
        (rows, pressed, columns, height) => {
          const requests = rows.map(([login, reason], at) => requestRow(`R${at}`, login, reason));
          const dashboard = press(
            dashboardOf({ ...told, requests, says: ['x'.repeat(200)] }),
            ['UP', ...pressed].join(' '),
          ).dashboard;
          const lines = draw(dashboard, columns, height);
          expect(lines.length).toBe(height);
          for (const { text } of lines) expect(widthOf(text)).toBeLessThanOrEqual(columns);
        },
      ),
    );
  });
});
