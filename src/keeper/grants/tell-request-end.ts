// The notice that a request is over. For a request of a batch there is none: the host where the batch was asked for tells of that as a whole,
// since forty notices of one thing are none that anybody reads. A host that was late tells of its own.
import type { Notice } from '../../core/notice.ts';
import type { RequestFacts, Person } from '../../core/request.ts';
import type { Notifier } from '../../adapters/notices/notify.ts';

export interface TellRequestEndDeps {
  readonly host: string;
  readonly notifier: Notifier;
}

/** Sends the notice in the background. @param why in our own words. */
export function tellEnd(deps: TellRequestEndDeps, ending: Ending, event: RequestEnd, why?: string): void {
  const { id: request, session, who, batch } = ending;
  if (batch !== undefined && batch.late !== true) return;
  const told: Notice = {
    event,
    host: deps.host,
    request,
    session,
    login: who.login,
    ...(why === undefined ? {} : { why }),
  };
  deps.notifier.send(told);
}

/** The facts of a request that the notice names. */
export interface Ending extends Pick<RequestFacts, 'id' | 'session'> {
  readonly batch?: RequestFacts['batch'];
  readonly who: Pick<Person, 'login'>;
}

/** The ends that nobody's review made. */
export type RequestEnd = Extract<Notice['event'], 'withdrawn' | 'lapsed' | 'unanswered'>;
