// The id under which this host remembers that a request is over. It contains a colon, which no grant's id does.
/** The id of a request's tombstone. @param request its id. */
export function requestTombstoneId(request: string): string {
  return `${ofRequest}${request}`;
}

const ofRequest = 'request:';

/** The request of a tombstone; undefined for a tombstone of something else. */
export function requestOfTombstone(tombstone: string): string | undefined {
  return tombstone.startsWith(ofRequest) ? tombstone.slice(ofRequest.length) : undefined;
}
