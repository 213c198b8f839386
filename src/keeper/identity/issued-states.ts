// Remembers the `state` of each sign-in by the code flow, so that a person is told why an address is refused.
//
// 1. A state belongs to one conversation, and ends with it, with its instant, or when an address with it is taken. Attack: an address is
//    pasted into another conversation, again, or later. (adapters/oidc-code.ts holds to the same by itself.)
// 2. States that are over are remembered for an hour, and at most `mostOver` of them. Attack: sign-ins without end fill the memory. One
//    that is forgotten is refused all the same, as unknown.
import type { RefusalCode } from '../../core/refusals.ts';

const overMs = 3_600_000;
const mostOver = 2_000;

/** The state of one sign-in. */
export interface Issued {
  /** Why an address with this state may not be taken here; undefined when it may. */
  fault(state: string): StateFault | undefined;
  /** An address with it is taken now. */
  use(): void;
  /** Its conversation has ended. */
  end(): void;
}

export type StateFault = Extract<
  RefusalCode,
  'ADDRESS_OF_ANOTHER' | 'ADDRESS_USED' | 'ADDRESS_OLD' | 'ADDRESS_UNKNOWN'
>;

/** The states of this keeper. */
export interface IssuedStates {
  /** @param until when it ends: milliseconds since the epoch */
  issue(state: string, until: number): Issued;
}

interface Over {
  readonly at: number;
  readonly isUsed: boolean;
}

/** No state yet. */
export function openIssuedStates(now: () => number): IssuedStates {
  const waiting = new Map<string, number>();
  const over = new Map<string, Over>();
  const end = (state: string, isUsed: boolean): void => {
    if (!waiting.delete(state)) return;
    const oldest = [...over].filter(([, { at }], index) => at + overMs < now() || index < over.size - mostOver + 1);
    for (const [known] of oldest) over.delete(known);
    over.set(state, { at: now(), isUsed });
  };
  return {
    issue: (own, until) => {
      waiting.set(own, until);
      return {
        fault: (state) => {
          const left = waiting.get(state);
          if (left !== undefined && left > now()) return state === own ? undefined : 'ADDRESS_OF_ANOTHER';
          const known = over.get(state);
          if (known?.isUsed === true) return 'ADDRESS_USED';
          return known === undefined && left === undefined ? 'ADDRESS_UNKNOWN' : 'ADDRESS_OLD';
        },
        use: () => end(own, true),
        end: () => end(own, false),
      };
    },
  };
}
