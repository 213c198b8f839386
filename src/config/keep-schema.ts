// The parts of the schema that say how long recordings are kept, and to whom they are encrypted.
import * as z from 'zod';
import type { Keep } from '../core/recording/keep.ts';
import { recipientFault } from '../core/recording/recipient.ts';
import { day, formatDuration, parseDuration } from '../core/time.ts';
import { quote } from './problem.ts';

const least = day;
const mostRecipients = 20;

/** A duration of a day at least, or `forever`. */
export const keepFor = z
  .string({
    error: ({ input }) => (input === undefined ? undefined : 'This must be a duration such as 90d, or forever.'),
  })
  .superRefine((text, context) => {
    const problem = keepProblem(text);
    if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
  })
  .transform((text): Keep => parseDuration(text) ?? 'forever');

/** `keepFor` in the JSON schema. */
export const keepHint = { pattern: '^(?:forever|(?:[1-9][0-9]{0,6}[smhd])+)$', examples: ['90d', '365d', 'forever'] };

function keepProblem(text: string): string | undefined {
  if (text === 'forever') return undefined;
  const ms = parseDuration(text);
  if (ms === undefined)
    return `${quote(text)} is not a duration of up to ten years; write one such as 90d, or forever.`;
  return ms < least ? `${quote(text)} is less than the least allowed, ${formatDuration(least)}.` : undefined;
}

const problems = {
  identity:
    'This is a secret key, which never belongs on this host; write its recipient, which begins with age1 (age-keygen -y).',
  kind: 'This kind of recipient is not taken here; write one that age-keygen makes, which begins with age1.',
  none: 'This is no recipient of age; copy it whole, age1 and 58 characters: a letter may be wrong or missing.',
} as const;

/** A recipient in the JSON schema; its checksum is verified, too. */
export const recipientForm = /^age1[a-z0-9]{58}$/;

/** Recipients of age, each once. */
export const recipients = z
  .array(
    z
      .string()
      .superRefine((text, context) => {
        const fault = recipientFault(text);
        if (fault !== undefined) context.addIssue({ code: 'custom', message: problems[fault] });
      })
      .meta({ pattern: recipientForm.source }),
  )
  .max(mostRecipients)
  .refine((all) => new Set(all).size === all.length, 'A recipient is named twice; keep one of them.');
