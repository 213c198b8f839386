// The id under which this host remembers that a request is over. Such ids hold a colon, those of grants none.
/** @param request its id. */
export function requestTombstoneId(request: string): string {
  return `${ofRequest}${request}`;
}

const ofRequest = 'request:';

/** @returns undefined for the stone of something else. */
export function requestOfTombstone(tombstone: string): string | undefined {
  return tombstone.startsWith(ofRequest) ? tombstone.slice(ofRequest.length) : undefined;
}
