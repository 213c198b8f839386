// The messages of `tmux-gate reload`, and of the policy in `status`.

/** What a reload says of a policy that it took. */
export interface ReloadSaid {
  /** The keys that differ; `content`: the file that the key names holds something else. */
  readonly changes: readonly { readonly key: string; readonly how: 'added' | 'removed' | 'changed' | 'content' }[];
  /** How many ended because of it. */
  readonly ended: { readonly connections: number; readonly sessions: number; readonly requests: number };
}

const mostShown = 60;

export function reloadedLines({ changes, ended }: ReloadSaid): readonly string[] {
  const more = changes.length - mostShown;
  return [
    changes.length === 0 ? 'The policy is taken; only its comments or spelling changed.' : 'The policy is taken:',
    ...changes.slice(0, mostShown).map(({ key, how }) => `  ${how === 'content' ? contentOf(key) : `${how} ${key}`}`),
    ...(more > 0 ? [`  and ${more} more keys`] : []),
    endedLine(ended),
  ];
}

const contentOf = (key: string): string => `changed what the file of ${key} holds`;

function endedLine({ connections, sessions, requests }: ReloadSaid['ended']): string {
  const parts = [
    counted(connections, 'connection'),
    counted(sessions, 'session'),
    counted(requests, 'waiting request'),
  ].flat();
  return parts.length === 0 ? 'Nothing ended by it.' : `By it ended: ${parts.join(', ')}.`;
}

const counted = (count: number, what: string): readonly string[] =>
  count === 0 ? [] : [`${count} ${what}${count === 1 ? '' : 's'}`];

/** @param names as the policy spells them @returns nothing where there are none */
export const credentialsOfStart = (names: readonly string[]): readonly string[] =>
  names.length === 0
    ? []
    : [
        `In use as systemd gave them when the keeper started: ${names.join(', ')}.`,
        'Another secret there needs a restart, live connections go on: systemctl restart tmux-gate',
      ];

export const reloadUnchanged = (since: string): string =>
  `Nothing has changed: this policy is in force since ${since}.`;

/** In `status`. @param since when it was taken */
export const policyInForce = (since: string): string => `in force since ${since}`;
export const policyFileDiffers = '; file differs';
export const policyFileUnreadable = '; file cannot be read';
export const policyFileRefused = '; file is refused';
export const fixPolicyFile = 'tmux-gate policy check';
export const policyNeedsRestart = '; file needs a restart';
