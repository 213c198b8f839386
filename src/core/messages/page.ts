// The words of the page of a recording.
export const pageMessages = {
  player: 'The recording',
  timeline: 'Timeline',
  transcript: 'What stood on the screen',
  search: 'Search',
  noScript: 'This page shows a recording by scripts that are inside of it. It loads nothing from a network.',
  title: (login: string, session: string, host: string): string => `${login} in ${session} on ${host}`,
};
