// How many approval links there may be at once. One that nobody waits for any more keeps its place until its code's end: at the
// provider it is still one. Attack: somebody who asks and withdraws all day, at the provider's cost or until a code is guessed
// (RFC 8628 section 5.1).

/** On a host, and of one login's requests. */
const mostHere = 40;
const mostEach = 8;

export interface Place {
  readonly login: string;
  readonly until: number;
}

export interface LinkLimit {
  /** @returns undefined when there is none. */
  take(login: string, until: number): Place | undefined;
  /** For a code that was used, or never came. */
  free(place: Place): void;
}

export function openLinkLimit(now: () => number): LinkLimit {
  let taken: readonly Place[] = [];
  return {
    take: (login, until) => {
      taken = taken.filter((place) => place.until > now());
      const theirs = taken.filter((place) => place.login === login).length;
      if (taken.length >= mostHere || theirs >= mostEach) return undefined;
      const place = { login, until };
      taken = [...taken, place];
      return place;
    },
    free: (place) => (taken = taken.filter((other) => other !== place)),
  };
}
