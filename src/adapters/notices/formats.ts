// The format of a notice for each kind of receiver. People's text goes only where the receiver reads no markup (law 9).
//
// 1. Slack: only `plain_text` objects. Attack: `<!channel>` or a link in a reason (api.slack.com/reference/block-kit).
// 2. Teams: only TextRun inlines, which read no Markdown (adaptivecards.io/explorer/TextRun.html). Attack: a link in a reason.
// 3. The body is ASCII JSON, whatever the text holds.
// 4. An approval link is a button that says what it does. Accident: a tap on the notice itself opens the link and approves.
import { createHmac } from 'node:crypto';
import { facts, headline, opensToApprove } from '../../core/messages/notices.ts';
import { endsRequest, urgency, type Notice } from '../../core/notice.ts';
import { isSigned, type NoticeFormat } from '../../core/notice-formats.ts';
import { asciiJson, sanitizeLine } from '../../core/text.ts';

/** One HTTP request. */
export interface Delivery {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A webhook of the policy. */
export interface Receiver {
  readonly webhook: string;
  readonly format: NoticeFormat;
  /** core/notice-formats.ts says what it is. */
  readonly secret?: string;
}

const textLimit = 2000;

type Form = (
  receiver: Receiver,
  notice: Notice,
) => { readonly url?: string; readonly headers?: Record<string, string>; readonly body: object };

const forms: Readonly<Record<NoticeFormat, Form>> = {
  json: (_, notice) => ({ body: filtered(notice) }),
  slack: (_, notice) => ({ body: { text: escaped(headline(notice)), blocks: slackBlocks(notice) } }),
  teams: (_, notice) => ({ body: teamsCard(notice) }),
  pagerduty: ({ secret = '' }, notice) => ({ body: pagerDutyEvent(secret, notice) }),
  ntfy: ({ webhook, secret }, notice) => ntfyMessage(new URL(webhook), secret, notice),
};

/** The HTTP request that delivers a notice. @param at when it is sent: milliseconds since the epoch. */
export function deliveryOf(receiver: Receiver, notice: Notice, at: number): Delivery {
  const { url = receiver.webhook, headers = {}, body: content } = forms[receiver.format](receiver, notice);
  const body = asciiJson(content);
  const plain = { 'content-type': 'application/json', 'user-agent': 'tmux-gate', ...headers };
  return { url, body, headers: { ...plain, ...signature(receiver, body, at) } };
}

/** The header with HMAC-SHA256 (RFC 2104) over "seconds.body", by which a receiver can tell our notices from others', and old from new. */
function signature({ format, secret }: Receiver, body: string, at: number): Record<string, string> {
  if (secret === undefined || !isSigned(format)) return {};
  const seconds = Math.floor(at / 1000);
  const mac = createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex');
  return { 'tmux-gate-signature': `t=${seconds},v1=${mac}` };
}

function filtered(notice: Notice): object {
  const filter = (_: string, value: unknown): unknown =>
    typeof value === 'string' ? sanitizeLine(value, textLimit) : value;
  return JSON.parse(JSON.stringify(notice, filter)) as object;
}

const plainText = (text: string): object => ({ type: 'plain_text', text, emoji: false });

/** The blocks, within Slack's limits: 150 characters in a header, 10 fields of 2,000 in a section. */
function slackBlocks(notice: Notice): readonly object[] {
  const rows = facts(notice).map(([label, text]) => plainText(sanitizeLine(`${label}: ${text}`, textLimit)));
  const sections = [rows.slice(0, 10), rows.slice(10)].filter((fields) => fields.length > 0);
  return [
    { type: 'header', text: plainText(sanitizeLine(headline(notice), 150)) },
    ...sections.map((fields) => ({ type: 'section', fields })),
    ...ifLink(notice, (url) => ({
      type: 'actions',
      elements: [{ type: 'button', text: plainText(opensToApprove), url, style: 'danger' }],
    })),
  ];
}

/** A button or action for the approval link, where there is one (an http or https address: adapters/oidc-device.ts). */
function ifLink({ link }: Notice, show: (url: string) => object): readonly object[] {
  return link === undefined ? [] : [show(link)];
}

/** Escapes the three characters of mrkdwn's markup, which the fallback text is (api.slack.com/reference/surfaces/formatting#escaping). */
function escaped(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
}

const run = (text: string, weight: 'Default' | 'Bolder' = 'Default'): object => ({ type: 'TextRun', text, weight });
const paragraph = (...inlines: readonly object[]): object => ({ type: 'RichTextBlock', inlines });

function teamsCard(notice: Notice): object {
  const rows = facts(notice).map(([label, text]) => paragraph(run(`${label}: `, 'Bolder'), run(text)));
  const content = {
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    type: 'AdaptiveCard',
    version: '1.4',
    body: [paragraph(run(headline(notice), 'Bolder')), ...rows],
    actions: ifLink(notice, (url) => ({ type: 'Action.OpenUrl', title: opensToApprove, url })),
  };
  return { type: 'message', attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive', content }] };
}

/** PagerDuty Events API v2: a request is an incident until it is answered, or needs no answer any more. */
function pagerDutyEvent(routingKey: string, notice: Notice): object {
  const { request, host, event } = notice;
  const answered = endsRequest(notice);
  return {
    routing_key: routingKey,
    event_action: answered ? 'resolve' : 'trigger',
    dedup_key: `tmux-gate/${host}/${request === undefined ? event : answered || event === 'requested' ? request : `${request}/${event}`}`,
    client: 'tmux-gate',
    links: ifLink(notice, (href) => ({ href, text: opensToApprove })),
    payload: {
      summary: sanitizeLine(headline(notice), 1024),
      source: host,
      severity: urgency(notice),
      custom_details: Object.fromEntries(facts(notice)),
    },
  };
}

/** ntfy takes JSON at the server's root, with the topic inside (docs.ntfy.sh/publish/#publish-as-json). */
function ntfyMessage(url: URL, token: string | undefined, notice: Notice): ReturnType<Form> {
  const topic = url.pathname.split('/').at(-1) ?? '';
  const priority = { info: 2, warning: 4, critical: 5 }[urgency(notice)];
  const message = facts(notice)
    .map(([label, text]) => `${label}: ${text}`)
    .join('\n');
  return {
    url: new URL('./', url).href,
    ...(token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } }),
    body: {
      ...{ topic, title: headline(notice), message, priority },
      actions: ifLink(notice, (link) => ({ action: 'view', label: opensToApprove, url: link })),
    },
  };
}
