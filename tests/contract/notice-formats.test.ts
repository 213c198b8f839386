// What each receiver gets, as its own documentation reads it.
import { createHmac } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { deliveryOf } from '../../src/adapters/notices/formats.ts';
import type { NoticeFormat } from '../../src/core/notice-formats.ts';
import { linkWarning } from '../../src/core/messages/notices.ts';
import type { Notice } from '../../src/core/notice.ts';

const evil: Notice = {
  ...{ event: 'requested', host: 'prod-box', login: 'alice', session: 'prod-db', request: 'K7QF2M', for: '20m' },
  reason: '<!channel> *bold* <https://evil.example|click> [x](https://evil.example) & \u001b[2J',
};
const at = 1_700_000_000_123;
const webhook = 'https://hooks.example.com/a/topic';
const sent = (format: NoticeFormat, notice: Notice = evil, secret?: string) => {
  const delivery = deliveryOf({ webhook, format, ...(secret === undefined ? {} : { secret }) }, notice, at);
  return { ...delivery, json: JSON.parse(delivery.body) as Record<string, unknown> };
};

interface Block {
  readonly type: string;
  readonly text?: Block | string;
  readonly fields?: readonly Block[];
}
const within = (value: unknown): readonly Block[] =>
  typeof value === 'object' && value !== null
    ? [value as Block, ...Object.values(value).flatMap((part) => [...within(part)])]
    : [];

describe('law 9: a reason is text in every form', () => {
  test('slack: plain_text objects alone, and an escaped fallback', () => {
    const { json, url } = sent('slack');
    expect(url).toBe(webhook);
    expect(json['text']).toBe('alice asks for prod-db on prod-box for 20m');
    expect(sent('slack', { ...evil, login: '<!here>' }).json['text']).toContain('&lt;!here&gt;');
    const types = within(json['blocks']).map(({ type }) => type);
    expect(new Set(types.filter(Boolean))).toEqual(new Set(['header', 'section', 'plain_text']));
    for (const { fields } of json['blocks'] as Block[]) expect(fields?.length ?? 0).toBeLessThanOrEqual(10);
  });

  test('teams: an adaptive card of text runs, which read no Markdown', () => {
    const types = within(sent('teams').json).map(({ type }) => type);
    expect(new Set(types.filter(Boolean))).toEqual(new Set(['message', 'AdaptiveCard', 'RichTextBlock', 'TextRun']));
  });

  test.each(['json', 'slack', 'teams', 'pagerduty', 'ntfy'] as const)(
    '%s: ASCII without control characters',
    (format) => {
      const { body } = sent(format, evil, 's3cret');
      expect(body).toMatch(/^[\u0020-\u007e]*$/);
      expect(body).not.toContain('\\u001b');
    },
  );
});

describe('an approval link', () => {
  const url = 'https://id.example.com/device?user_code=ABCD-EFGH';
  const asked: Notice = { ...evil, link: url, code: 'ABCD-EFGH', linkEnds: '14:00:00 UTC', warning: linkWarning };

  test('is a button that says that it approves, and its code, end and warning stand beside it', () => {
    const button = { type: 'button', url, text: { type: 'plain_text', text: 'Open to APPROVE' } };
    expect(sent('slack', asked).json['blocks']).toEqual(
      expect.arrayContaining([
        {
          type: 'actions',
          elements: [expect.objectContaining({ ...button, text: expect.objectContaining(button.text) })],
        },
      ]),
    );
    expect(JSON.stringify(sent('teams', asked).json)).toContain(
      JSON.stringify([{ type: 'Action.OpenUrl', title: 'Open to APPROVE', url }]),
    );
    expect(sent('pagerduty', asked).json).toMatchObject({ links: [{ href: url, text: 'Open to APPROVE' }] });
    expect(sent('ntfy', asked).json).toMatchObject({ actions: [{ action: 'view', label: 'Open to APPROVE', url }] });
    expect(sent('json', asked).json).toMatchObject({ link: url, code: 'ABCD-EFGH', linkEnds: '14:00:00 UTC' });
    for (const format of ['json', 'slack', 'teams', 'pagerduty', 'ntfy'] as const)
      for (const text of [url, 'ABCD-EFGH', '14:00:00 UTC', linkWarning])
        expect(sent(format, asked).body).toContain(text);
  });

  test('is opened by nothing but that button', () => {
    expect(sent('ntfy', asked).json).not.toHaveProperty('click');
    expect(sent('slack', asked).json['text']).not.toContain('http');
    for (const format of ['slack', 'teams', 'pagerduty', 'ntfy'] as const)
      expect(sent(format).body).not.toContain('Open to APPROVE');
  });
});

test('json, slack and teams are signed over the time and the body', () => {
  for (const format of ['json', 'slack', 'teams'] as const) {
    const { headers, body } = sent(format, evil, 's3cret');
    const mac = createHmac('sha256', 's3cret').update(`1700000000.${body}`).digest('hex');
    expect(headers['tmux-gate-signature']).toBe(`t=1700000000,v1=${mac}`);
    expect(sent(format).headers['tmux-gate-signature']).toBeUndefined();
    expect(body).not.toContain('s3cret');
  }
});

test('pagerduty: events v2, one incident a request, which an answer resolves', () => {
  const asked = sent('pagerduty', evil, 'ROUTE').json;
  expect(asked).toMatchObject({
    ...{ routing_key: 'ROUTE', event_action: 'trigger', dedup_key: 'tmux-gate/prod-box/K7QF2M', client: 'tmux-gate' },
    payload: { summary: 'alice asks for prod-db on prod-box for 20m', source: 'prod-box', severity: 'warning' },
  });
  const answered = sent('pagerduty', { ...evil, event: 'granted' }, 'ROUTE').json;
  expect(answered).toMatchObject({ event_action: 'resolve', dedup_key: asked['dedup_key'] });
  expect(sent('pagerduty', { ...evil, event: 'ended' }).json['dedup_key']).toBe('tmux-gate/prod-box/K7QF2M/ended');
  expect(sent('pagerduty', { event: 'guard-failed', host: 'prod-box' }).json).toMatchObject({
    ...{ dedup_key: 'tmux-gate/prod-box/guard-failed', payload: { severity: 'critical' } },
  });
});

test('ntfy: published as JSON at the root, with its token as a bearer', () => {
  const { url, json, headers } = sent('ntfy', evil, 'tk_1');
  expect(url).toBe('https://hooks.example.com/a/');
  expect(json).toMatchObject({ topic: 'topic', title: 'alice asks for prod-db on prod-box for 20m', priority: 4 });
  expect(String(json['message'])).toContain('Request: K7QF2M');
  expect(headers['authorization']).toBe('Bearer tk_1');
  expect(sent('ntfy').headers['authorization']).toBeUndefined();
});
