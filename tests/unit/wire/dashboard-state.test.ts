import { describe, expect, test } from '@jest/globals';
import { heard, isBusy, partOf, selectedRow, typed } from '../../../src/wire/dashboard-state.ts';
import { dashboardOf, connectionRow, frame, grantRow, press, requestRow, tell } from './dashboard-sample.ts';

const [one, two, three] = [requestRow('ONE'), requestRow('TWO', 'carol'), requestRow('THREE')];
const three3 = dashboardOf({ requests: [one, two, three] });
const idOf = (dashboard: ReturnType<typeof dashboardOf>): string | undefined => selectedRow(dashboard)?.id;

describe('selecting', () => {
  test('nothing is selected until somebody selects; the arrows stop at both ends', () => {
    expect(idOf(three3)).toBeUndefined();
    expect(idOf(press(three3, 'j').dashboard)).toBe('ONE');
    expect(idOf(press(three3, 'UP').dashboard)).toBe('ONE');
    expect(idOf(press(three3, 'DOWN j j j j').dashboard)).toBe('THREE');
    expect(idOf(press(three3, 'j j k k k').dashboard)).toBe('ONE');
    expect(press(dashboardOf(), 'j').dashboard.selected).toEqual({});
  });

  test('what is selected stays so while rows come and go around it', () => {
    const on = press(three3, 'j j').dashboard;
    expect(idOf(tell(on, { requests: [three, requestRow('NEW'), two] }))).toBe('TWO');
    expect(idOf(tell(on, { requests: [two] }))).toBe('TWO');
  });

  test('one that goes leaves nothing selected; the arrows go on from where it stood', () => {
    const gone = tell(press(three3, 'j j').dashboard, { requests: [one, three] });
    expect(idOf(gone)).toBeUndefined();
    expect(idOf(press(gone, 'j').dashboard)).toBe('THREE');
    expect(idOf(press(gone, 'k').dashboard)).toBe('ONE');
    expect(idOf(tell(gone, { requests: [one, two] }))).toBe('TWO');
  });

  test('each part has a selection of its own; tab goes round both ways', () => {
    const dashboard = dashboardOf({
      requests: [one],
      grants: [grantRow('G1')],
      connections: [connectionRow('C1', 'G1')],
    });
    const grants = press(dashboard, 'j TAB j').dashboard;
    expect([grants.part, idOf(grants)]).toEqual(['grants', 'G1']);
    expect(idOf(press(grants, 'BACKTAB').dashboard)).toBe('ONE');
    expect(press(dashboard, 'BACKTAB').dashboard.part).toBe('connections');
    expect(press(dashboard, 'TAB TAB TAB').dashboard.part).toBe('requests');
  });

  test('a part that the keeper did not tell is empty', () => {
    expect(partOf({ ...frame(), parts: [] }, 'grants')).toEqual({ name: 'grants', rows: [], more: 0, problem: '' });
  });
});

describe('keys that act', () => {
  test('name the id that was selected', () => {
    const { act, dashboard } = press(three3, 'j j a');
    expect(act).toEqual({ verb: 'approve', id: 'TWO' });
    expect(isBusy(dashboard)).toBe(true);
  });

  test('attack: the list moves under the key; what was selected is named, or nothing', () => {
    const on = press(three3, 'j j').dashboard;
    expect(press(tell(on, { requests: [requestRow('EVIL', 'mallory'), two] }), 'a').act).toEqual({
      verb: 'approve',
      id: 'TWO',
    });
    const gone = press(tell(on, { requests: [requestRow('EVIL', 'mallory')] }), 'a');
    expect(gone.act).toBeUndefined();
    expect(gone.dashboard.says).toEqual(['TWO is gone. Select a row again.']);
  });

  test('attack: the first key selects a row and acts on none; the next one acts on the row that was named', () => {
    for (const key of ['a', 'd', 'ENTER']) {
      const first = press(three3, key);
      expect([first.act, first.dashboard.question, first.dashboard.view, idOf(first.dashboard)]).toEqual([
        ...[undefined, undefined, 'list', 'ONE'],
      ]);
      expect(first.dashboard.says).toEqual(['Selected ONE. Press the key again, or the arrows for another row.']);
    }
    expect(press(three3, 'a a').act).toEqual({ verb: 'approve', id: 'ONE' });
    expect(press(tell(press(three3, 'a').dashboard, { requests: [requestRow('EVIL'), one] }), 'a').act).toMatchObject({
      id: 'ONE',
    });
    expect(press(dashboardOf(), 'a').dashboard.says).toEqual(['This list is empty.']);
  });

  test('attack: a row that the terminal does not show yet is neither approved nor opened', () => {
    const on = press(three3, 'j').dashboard;
    for (const key of ['a', 'd', 'ENTER']) {
      const step = press(on, key, false);
      expect(step.act).toBeUndefined();
      expect(step.dashboard).toMatchObject({ view: 'list', question: undefined });
    }
  });

  test('each fits its part alone', () => {
    const dashboard = dashboardOf({ requests: [one], grants: [grantRow('G1')] });
    expect(press(dashboard, 'j r').dashboard.says).toEqual([
      'To revoke, press Tab until you see grants or connections.',
    ]);
    expect(press(dashboard, 'TAB j a').dashboard.says).toEqual([
      'To approve or deny, press Tab until you see requests.',
    ]);
    expect(press(dashboard, 'j ? a').act).toBeUndefined();
  });

  test('while one is dealt with no key is heard but the one that leaves', () => {
    const { dashboard } = press(three3, 'j a');
    expect(press(dashboard, 'j')).toEqual({ dashboard, leave: false });
    expect(press(dashboard, 'ENTER').leave).toBe(false);
    expect(press(dashboard, 'q').leave).toBe(true);
    expect(press(dashboard, 'INT').leave).toBe(true);
    expect(typed(dashboard, { text: 'q', pasted: true }, true).leave).toBe(false);
    const answered = tell(dashboard, { requests: [one, two], answered: 1, says: ['Approved ONE.'] });
    expect(answered.says).toEqual(['Approved ONE.']);
    expect(idOf(press(answered, 'j').dashboard)).toBe('TWO');
  });

  test('what came of it stays until the next key, also when rows change', () => {
    const answered = tell(press(three3, 'j a').dashboard, {
      requests: [one, two],
      answered: 1,
      says: ['Approved ONE.'],
    });
    expect(tell(answered, { requests: [two], answered: 1, says: ['Approved ONE.'] }).says).toEqual(['Approved ONE.']);
    const moved = press(answered, 'j').dashboard;
    expect(tell(moved, { answered: 1, says: ['Approved ONE.'] }).says).toEqual([]);
  });
});

describe('denying', () => {
  const asked = press(three3, 'j j d').dashboard;

  test('asks for a reason, which is required', () => {
    expect(asked.question).toEqual({
      verb: 'deny',
      of: 'TWO',
      about: 'TWO (carol, prod-db@prod-box)',
      text: '',
      sure: false,
    });
    const empty = press(asked, 'ENTER');
    expect(empty.act).toBeUndefined();
    expect(empty.dashboard.says).toEqual(['A denial needs a reason. Esc to cancel.']);
    const { act, dashboard } = press(empty.dashboard, 'n o x ERASE t ENTER');
    expect(act).toEqual({ verb: 'deny', id: 'TWO', reason: 'not' });
    expect(dashboard.question).toBeUndefined();
  });

  test('a reason is text alone: letters in it do nothing else, and it ends somewhere', () => {
    expect(press(asked, 'q a r ? b').dashboard.question?.text).toBe('qar?b');
    expect(press(asked, 'q a KILL y').dashboard.question?.text).toBe('y');
    for (const key of ['UP', 'DOWN', 'TAB', 'BACKTAB']) expect(press(asked, key).dashboard).toBe(asked);
    expect(press(asked, 'x'.repeat(500)).dashboard.question?.text.length).toBe(400);
    expect(press(asked, 'x REPAINT')).toMatchObject({ repaint: true, dashboard: { question: { text: 'x' } } });
    expect(typed(asked, { text: 'p', pasted: true }, true).dashboard.question?.text).toBe('p');
  });

  test.each(['ESC', 'INT'])('%s leaves it, and the dashboard stands', (key) => {
    const { dashboard, act, leave } = press(asked, key);
    expect([dashboard.question, dashboard.says, act, leave]).toEqual([
      undefined,
      ['Nothing was done.'],
      undefined,
      undefined,
    ]);
  });

  test('attack: the list changes under the question; it keeps to what it names', () => {
    const changed = tell(asked, { requests: [requestRow('EVIL')] });
    expect(press(changed, 'n o ENTER').act).toEqual({ verb: 'deny', id: 'TWO', reason: 'no' });
  });
});

describe('revoking', () => {
  const dashboard = dashboardOf({ grants: [grantRow('G1')], connections: [connectionRow('C1', 'G9')] });

  test('asks for a reason, which may be empty, and then for a yes', () => {
    const sure = press(dashboard, 'TAB j r ENTER').dashboard;
    expect(sure.question).toMatchObject({ verb: 'revoke', of: 'G1', sure: true });
    expect(press(sure, 'y').act).toEqual({ verb: 'revoke', id: 'G1' });
    expect(press(dashboard, 'TAB j r b a d ENTER y').act).toEqual({ verb: 'revoke', id: 'G1', reason: 'bad' });
  });

  test('of a connection it names the grant that keeps it', () => {
    expect(press(dashboard, 'TAB TAB j r ENTER y').act).toEqual({ verb: 'revoke', id: 'G9' });
  });

  test.each(['n', 'q', 'ESC', 'ENTER', 'UP'])('%s instead of a yes does nothing', (key) => {
    const { act, dashboard: after } = press(dashboard, `TAB j r ENTER ${key}`);
    expect([act, after.says]).toEqual([undefined, ['Nothing was done.']]);
  });

  test('attack: a yes that is pasted is none', () => {
    const sure = press(dashboard, 'TAB j r ENTER').dashboard;
    expect(typed(sure, { text: 'y', pasted: true }, true)).toMatchObject({
      dashboard: { says: ['Nothing was done.'] },
    });
  });
});

describe('looking', () => {
  test('enter shows the whole of a row and goes back; so do escape and q', () => {
    const whole = press(three3, 'j ENTER').dashboard;
    expect(whole.view).toBe('whole');
    for (const key of ['ENTER', 'ESC', 'q']) expect(press(whole, key).dashboard.view).toBe('list');
    expect(press(whole, 'a').act).toEqual({ verb: 'approve', id: 'ONE' });
    expect(press(three3, 'ENTER').dashboard).toMatchObject({
      view: 'list',
      says: [expect.stringContaining('Selected ONE')],
    });
  });

  test('a long view scrolls, and not beyond its beginning', () => {
    const whole = press(three3, 'j ENTER').dashboard;
    expect(press(whole, 'j j k').dashboard.offset).toBe(1);
    expect(press(whole, 'k k').dashboard.offset).toBe(0);
    expect(press(whole, 'j j ENTER').dashboard.offset).toBe(0);
  });

  test('? shows the keys and goes back', () => {
    expect(press(three3, '?').dashboard.view).toBe('help');
    expect(press(three3, '? ?').dashboard.view).toBe('list');
  });

  test('q and Ctrl-C leave; what means nothing does nothing; what is pasted neither', () => {
    expect(press(three3, 'q').leave).toBe(true);
    expect(press(three3, 'INT').leave).toBe(true);
    for (const key of ['x', 'ERASE', 'KILL', 'ESC']) expect(press(three3, key)).toEqual({ dashboard: three3 });
    expect(typed(three3, { text: 'q', pasted: true }, true)).toEqual({ dashboard: three3 });
    expect(press(three3, 'REPAINT')).toEqual({ dashboard: three3, repaint: true });
  });
});

describe('the bell', () => {
  const rings = (dashboard: typeof three3, ...requests: (typeof one)[]): boolean =>
    heard(dashboard, frame({ requests })).bell;

  test('rings for a request that is new and not one’s own, and not at the beginning', () => {
    expect(heard(undefined, frame({ requests: [one] })).bell).toBe(false);
    expect(rings(three3, one, requestRow('NEW'))).toBe(true);
    expect(rings(three3, one, requestRow('NEW', 'bob', 'INC-1', true))).toBe(false);
    expect(rings(three3, two)).toBe(false);
  });

  test('b silences it and lets it ring again', () => {
    const quiet = press(three3, 'b').dashboard;
    expect(quiet.says).toEqual(['The bell is off.']);
    expect(rings(quiet, requestRow('NEW'))).toBe(false);
    const loud = press(quiet, 'b').dashboard;
    expect(loud.says).toEqual(['The bell is on.']);
    expect(rings(loud, requestRow('NEW'))).toBe(true);
  });
});
