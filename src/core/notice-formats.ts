// The formats in which a webhook takes a notice: one table for the policy, for what is sent (adapters/notices/formats.ts) and for
// docs/events.md.

interface NoticeFormatSpec {
  /** What its receiver gets. */
  readonly about: string;
  /** What the secret in `secret_file` is. */
  readonly secret: string;
}

const signingKey = 'the key of the signature';

export const noticeFormats = {
  json: { about: 'the notice as a JSON object, for any program', secret: signingKey },
  slack: { about: 'a message with blocks, for an incoming webhook of Slack', secret: signingKey },
  teams: { about: 'an adaptive card, for a workflow of Microsoft Teams', secret: signingKey },
  pagerduty: {
    about: 'an event of the PagerDuty Events API v2; a request is an incident until it has an end',
    secret: 'the routing key',
  },
  ntfy: { about: 'a message to a topic of ntfy, with a priority', secret: 'the access token' },
} as const satisfies Readonly<Record<string, NoticeFormatSpec>>;

export type NoticeFormat = keyof typeof noticeFormats;

export const noticeFormatNames = Object.keys(noticeFormats) as readonly NoticeFormat[];

/** Whether the secret of a receiver signs each notice. */
export function isSigned(format: NoticeFormat): boolean {
  return noticeFormats[format].secret === signingKey;
}

/** What the secret is, for each format: `json, slack, teams: the key of the signature; ...`. */
export function secretsSaid(): string {
  const bySecret = Map.groupBy(noticeFormatNames, (name) => noticeFormats[name].secret);
  return [...bySecret].map(([secret, names]) => `${names.join(', ')}: ${secret}`).join('; ');
}
