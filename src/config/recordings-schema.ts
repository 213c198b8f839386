// The part of the schema that says how recordings are kept (`recordings`).
import * as z from 'zod';
import type { RecordingsPolicy } from '../core/policy-types.ts';
import { size, sizeHint } from './fields.ts';
import { keepFor, keepHint, recipients } from './keep-schema.ts';

const KiB = 1024;
const GiB = KiB ** 3;

export const recordingsSchema = z
  .strictObject({
    quota: size(64 * KiB, 64 * GiB)
      .prefault('1GiB')
      .meta({
        ...sizeHint,
        description:
          'The most that the recording of one connection may have, at most 64GiB: the person is warned before, and disconnected then.',
      }),
    reserve: size(0, 1024 * GiB)
      .optional()
      .meta({
        ...sizeHint,
        description:
          'With less free space where the recordings are, nobody is let in; with less than half of it, everybody is disconnected. Left out: 256MiB, or a twentieth of that disk where that is less.',
      }),
    encrypt_to: recipients.prefault([]).meta({
      description:
        'Who can open recordings: recipients of age (age1...). A recording is encrypted after its end, and this host cannot open it any more. Left out: recordings are compressed only.',
    }),
    keep: keepFor.optional().meta({
      ...keepHint,
      description:
        'How long recordings are kept after their end, 1d at least, or forever; a session may say its own. Left out: forever.',
    }),
  })
  .prefault({})
  .transform(({ quota, reserve, encrypt_to: encryptTo, keep }): RecordingsPolicy => ({
    quotaBytes: quota,
    encryptTo,
    ...(reserve === undefined ? {} : { reserveBytes: reserve }),
    ...(keep === undefined ? {} : { keep }),
  }))
  .meta({ description: 'How recordings are kept.' });
