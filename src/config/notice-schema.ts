// The schema of `notify`: who gets notices, and how (docs/design.md, "The policy").
import * as z from 'zod';
import { noticeEvents, type NoticeEvent } from '../core/notice.ts';
import { noticeFormatNames, secretsSaid } from '../core/notice-formats.ts';
import type { MailPolicy, WebhookPolicy } from '../core/policy-types.ts';
import { secretPath } from './credential.ts';
import { mailAddress, smtpUrl, webUrl, words } from './fields.ts';

const events = z
  .array(z.enum(noticeEvents))
  .min(1)
  .optional()
  .meta({ description: 'What the receiver is told of. Left out: everything.' });

interface RawCommon {
  readonly secret_file?: string | undefined;
  readonly events?: readonly NoticeEvent[] | undefined;
}

function common({ secret_file: secretFile, events: told }: RawCommon): Pick<WebhookPolicy, 'secretFile' | 'events'> {
  return { ...(secretFile === undefined ? {} : { secretFile }), ...(told === undefined ? {} : { events: told }) };
}

const webhookSchema = z
  .strictObject({
    webhook: webUrl('This is not a web address; write an http or https URL without user, password or #.').meta({
      description: 'The URL that each notice is posted to.',
    }),
    format: z.enum(noticeFormatNames).prefault('json').meta({ description: 'The form of the notice.' }),
    secret_file: secretPath.optional().meta({
      description: `The file with the receiver's secret; only root may read it. ${secretsSaid()}.`,
    }),
    events,
  })
  .transform(({ webhook, format, ...rest }): WebhookPolicy => ({ webhook, format, ...common(rest) }));

const mailSchema = z
  .strictObject({
    email: z
      .array(z.union([z.literal('person'), mailAddress]))
      .min(1)
      .max(20)
      .meta({
        description: 'The addresses that each notice is mailed to; person is whoever signed in, or whose grant it is.',
      }),
    from: mailAddress.meta({ description: 'The address that it comes from.' }),
    smtp: smtpUrl.meta({
      description:
        'The mail server: an smtps: URL, or smtp:, which then must offer STARTTLS unless it is on this host.',
    }),
    user: words(256).optional().meta({ description: 'The user at the mail server. Left out: no sign-in there.' }),
    secret_file: secretPath
      .optional()
      .meta({ description: "The file with the user's password; only root may read it." }),
    events,
  })
  .transform(({ email, from, smtp, user, ...rest }): MailPolicy => ({
    ...{ email, from, smtp },
    ...(user === undefined ? {} : { user }),
    ...common(rest),
  }));

/** One receiver. */
export const noticeSchema = z
  .union([webhookSchema, mailSchema])
  .meta({ description: 'One place that is told of what happens: a webhook, or mail addresses.' });
