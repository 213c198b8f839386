// The notice that a request is over.
import type { Notice } from '../../core/notice.ts';
import type { RequestFacts, Person } from '../../core/request.ts';
import type { Notifier } from '../../adapters/notices/notify.ts';

export interface TellRequestEndDeps {
  readonly host: string;
  readonly notifier: Notifier;
}

/** @param why in words of ours. */
export function tellEnd(deps: TellRequestEndDeps, ending: Ending, event: RequestEnd, why?: string): void {
  const { id: request, session, who } = ending;
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

/** What of a request its end is told by. */
export interface Ending extends Pick<RequestFacts, 'id' | 'session'> {
  readonly who: Pick<Person, 'login'>;
}

export type RequestEnd = Extract<Notice['event'], 'withdrawn' | 'lapsed' | 'unanswered'>;
