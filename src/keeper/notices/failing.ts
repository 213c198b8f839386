// Which hooks and receivers of notices did not do what they were asked for when they were asked last: for `status`.
import type { Ticket } from '../../adapters/hooks/hook.ts';

/** Names of what fails. */
export interface Failing {
  failed(name: string): void;
  works(name: string): void;
  names(): readonly string[];
}

/** Nothing fails yet. */
export function openFailing(): Failing {
  const names = new Set<string>();
  return {
    failed: (name) => void names.add(name),
    works: (name) => void names.delete(name),
    names: () => [...names].sort(),
  };
}

/** Ticket hooks whose failures are noted. */
export function watchedTickets(tickets: ReadonlyMap<string, Ticket>, failing: Failing): ReadonlyMap<string, Ticket> {
  const watched = ([name, ticket]: readonly [string, Ticket]): readonly [string, Ticket] => [
    name,
    { ask: async (facts) => noted(failing, name, ticket.ask(facts)) },
  ];
  return new Map([...tickets].map(watched));
}

async function noted<T>(failing: Failing, name: string, work: Promise<T>): Promise<T> {
  try {
    const answer = await work;
    failing.works(name);
    return answer;
  } catch (error) {
    failing.failed(name);
    throw error;
  }
}
