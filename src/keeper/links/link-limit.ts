// Limits how many approval links exist at once. A link that nobody waits for any more keeps its place until its code ends, because the
// provider still accepts the code. Attack: somebody asks and withdraws all day, to fill the provider or until a code is guessed (RFC 8628
// section 5.1). So a place ends at an instant, which neither a count of tasks nor a queue (keeper/concurrency) knows.

/** How many links at once: on this host, and for the requests of one login. */
const mostHere = 40;
const mostEach = 8;

/** A link that counts, until this instant (ms since the epoch). */
export interface Place {
  readonly login: string;
  readonly until: number;
}

/** The places of links. */
export interface LinkLimit {
  /** @returns undefined when there is no free place. */
  take(login: string, until: number): Place | undefined;
  /** Call it when the code was used, or was never given out. */
  free(place: Place): void;
}

/** All places are free. */
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
