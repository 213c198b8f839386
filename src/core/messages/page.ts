// The words of the page of a recording.
export const pageMessages = {
  player: 'The recording',
  timeline: 'Timeline',
  transcript: 'What stood on the screen',
  search: 'Search',
  noScript: 'This page shows a recording by scripts that are inside of it. It loads nothing from a network.',
  when: 'When',
  person: 'Person',
  reason: 'Reason',
  approvedBy: 'Approved by',
  request: 'Request',
  connection: 'Connection',
  length: 'Length',
  host: 'Host',
  tooLong: 'the recording is too long for one page',
  tooLongHint: 'export it with --cast, or look at it with tmux-gate replay',
  /** @param place `prod-db on prod-box` */
  title: (login: string, place: string): string => `${login} in ${place}`,
};
