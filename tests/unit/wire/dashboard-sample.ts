// A dashboard of a few rows, as a keeper tells it.
import type { DashboardFrame, DashboardRow } from '../../../src/wire/dashboard-messages.ts';
import { heard, typed, type DashboardState, type Step } from '../../../src/wire/dashboard-state.ts';
import type { Key, KeyName } from '../../../src/wire/keys.ts';

export const now = Date.UTC(2026, 10, 23, 20, 0, 0);

export function requestRow(id: string, login = 'alice', reason = 'INC-1 look', own = false): DashboardRow {
  const cells = [id, login, 'prod-db@prod-box', '20m'].map((text) => ({ text }));
  return {
    id,
    of: id,
    own,
    cells: [...cells, { since: now - 3_000 }, { text: reason }],
    facts: [`Request ${id}`, `  Reason    ${reason}`],
  };
}

export function grantRow(id: string, login = 'alice'): DashboardRow {
  const cells = [id, login, 'prod-db'].map((text) => ({ text }));
  return {
    id,
    of: id,
    own: false,
    cells: [...cells, { until: now + 95_000 }, { text: '20:01:35 UTC' }, { text: 'bob' }],
    facts: [`Grant ${id}`],
  };
}

export function connectionRow(id: string, grant: string): DashboardRow {
  const cells = [id, 'alice', 'prod-db'].map((text) => ({ text }));
  const rest = [{ until: now + 95_000 }, { since: now - 65_000 }, { text: '192.0.2.7' }, { text: grant }];
  return { id, of: grant, own: false, cells: [...cells, ...rest], facts: [`Connection ${id}`] };
}

export interface Told {
  readonly requests?: readonly DashboardRow[];
  readonly grants?: readonly DashboardRow[];
  readonly connections?: readonly DashboardRow[];
  readonly answered?: number;
  readonly says?: readonly string[];
  readonly more?: number;
  readonly problem?: string;
}

export function frame(told: Told = {}): DashboardFrame {
  const { requests = [], grants = [], connections = [], answered = 0, says = [], more = 0, problem = '' } = told;
  return {
    ...{ t: 'dashboard', host: 'prod-box', answered, says },
    parts: [
      { name: 'requests', rows: requests, more, problem },
      { name: 'grants', rows: grants, more: 0, problem: '' },
      { name: 'connections', rows: connections, more: 0, problem: '' },
    ],
  };
}

export const dashboardOf = (told: Told = {}): DashboardState => heard(undefined, frame(told)).dashboard;

export const tell = (dashboard: DashboardState, told: Told): DashboardState => heard(dashboard, frame(told)).dashboard;

const names: Readonly<Record<string, KeyName>> = {
  UP: 'up',
  DOWN: 'down',
  ENTER: 'enter',
  TAB: 'tab',
  BACKTAB: 'back-tab',
  ESC: 'escape',
  INT: 'interrupt',
  ERASE: 'erase',
  KILL: 'erase-all',
  REPAINT: 'repaint',
};

export const keyOf = (word: string): Key => {
  const name = names[word];
  return name === undefined ? { text: word, pasted: false } : { name };
};

/** Presses keys, a word each, and gives what the last one made. */
export function press(dashboard: DashboardState, words: string, shown = true): Step {
  return words.split(' ').reduce<Step>((step, word) => typed(step.dashboard, keyOf(word), shown), { dashboard });
}
