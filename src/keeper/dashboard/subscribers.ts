// The open dashboards, and the data from which each shows a part.
//
// 1. The store is read only while somebody watches, and once for all of them: after an event, four times a second at most; and every four
//    seconds, for what raises no event (a request whose time is over, a Redis that is back).
// 2. The number of dashboards is bounded, in all and for each login. Attack: one login makes the keeper read and send without end.
// 3. What cannot be read is shown as an error, never as an empty list and never as it was before. Accident: somebody on call takes old rows
//    for the state of now.
import type { LiveGrant } from '../../core/grant.ts';
import { asRefused, Refused } from '../../core/refusal.ts';
import { second } from '../../core/time.ts';
import type { ReadRequest } from '../grants/read-request.ts';
import { readRequests, type ReadRequestsDeps } from '../grants/read-requests.ts';
import { readGrants, type ReadGrantsDeps } from '../grants/read-grants.ts';

export interface SubscribersDeps extends ReadRequestsDeps, ReadGrantsDeps {
  oneByOne<T>(name: string, task: () => Promise<T>): Promise<T>;
}

/** The waiting requests and the grants of the store, or why they could not be read. */
export interface DashboardData {
  readonly requests: readonly ReadRequest[] | Refused;
  readonly grants: readonly LiveGrant[] | Refused;
}

/** One dashboard's access to the data. */
export interface Subscription {
  data(): DashboardData;
  leave(): void;
}

/** All open dashboards. */
export interface Subscribers {
  /** Call it when something that a dashboard shows has changed. */
  changed(): void;
  /** @param changed called whenever there is new data. @throws Refused BUSY */
  subscribe(login: string, changed: () => void): Promise<Subscription>;
}

const most = 64;
const mostEach = 8;
const gapMs = second / 4;
const refreshMs = 4 * second;

/** No dashboards yet. */
export function openSubscribers(deps: SubscribersDeps): Subscribers {
  const subscriptions = new Set<{ readonly login: string; readonly changed: () => void }>();
  let data: DashboardData = { requests: [], grants: [] };
  let soon: NodeJS.Timeout | undefined;
  let refresh: NodeJS.Timeout | undefined;
  const look = async (): Promise<void> =>
    deps.oneByOne('dashboard', async () => {
      soon = undefined;
      data = await readData(deps);
      tellInTurns([...subscriptions]);
    });
  // Rule 1.
  const changed = (): void => {
    if (subscriptions.size > 0) soon ??= setTimeout(() => void look(), gapMs);
  };
  return {
    changed,
    subscribe: async (login, hear) => {
      const theirs = [...subscriptions].filter((subscription) => subscription.login === login).length;
      // Rule 2.
      if (subscriptions.size >= most || theirs >= mostEach) throw new Refused('BUSY', { host: deps.host });
      const subscription = { login, changed: hear };
      subscriptions.add(subscription);
      refresh ??= setInterval(changed, refreshMs);
      await look();
      return {
        data: () => data,
        leave: () => {
          subscriptions.delete(subscription);
          if (subscriptions.size > 0) return;
          clearInterval(refresh);
          refresh = undefined;
        },
      };
    },
  };
}

const atATime = 2;

/** Two dashboards in each turn of the event loop, however many are open (law 12). */
function tellInTurns(subscriptions: readonly { readonly changed: () => void }[]): void {
  for (const { changed } of subscriptions.slice(0, atATime)) changed();
  if (subscriptions.length > atATime) setImmediate(() => tellInTurns(subscriptions.slice(atATime)));
}

async function readData(deps: SubscribersDeps): Promise<DashboardData> {
  const [requests, grants] = await Promise.all([
    readRequests(deps).catch(internal),
    readGrants(deps, { host: deps.host }).catch(internal),
  ]);
  return { requests, grants };
}

function internal(error: unknown): Refused {
  return asRefused(error, 'INTERNAL');
}
