// The schema of `journal`: how it is kept, and who outside the fleet is a witness of it.
import { createHash } from 'node:crypto';
import * as z from 'zod';
import type { JournalPolicy, WitnessPolicy } from '../core/policy-types.ts';
import { day } from '../core/time.ts';
import type { NoteKey } from '../core/tlog/note.ts';
import { readVerifierKey } from '../core/tlog/vkey.ts';
import { duration, durationHint, size, sizeHint, webUrl } from './fields.ts';

const MiB = 1024 ** 2;

const sha256 = (bytes: string): string => createHash('sha256').update(bytes, 'latin1').digest('latin1');

const keyProblem =
  'This is not the key of a witness; write it as the witness gives it: NAME+8 hex digits+base64 (Ed25519, cosignature/v1).';

/** Becomes the key. Only that of a witness: a key for notes would never match a cosignature. */
const witnessKey = z
  .string()
  .refine((text) => readVerifierKey(sha256, text)?.kind === 'cosignature', keyProblem)
  .transform((text) => readVerifierKey(sha256, text) as NoteKey)
  .meta({ description: "The witness's public key, as text (C2SP signed-note, verifier key of kind 0x04)." });

const witnessSchema = z
  .strictObject({
    url: webUrl('This is not a web address; write an https URL without user, password or #.').meta({
      description: 'The URL below which it takes checkpoints: POST URL/add-checkpoint (C2SP tlog-witness).',
    }),
    key: witnessKey,
  })
  .transform(({ url, key }): WitnessPolicy => ({ url: url.replace(/\/+$/, ''), key }));

export const journalSchema = z
  .strictObject({
    rotate: size(MiB, 1024 * MiB)
      .prefault('64MiB')
      .meta({
        ...sizeHint,
        description:
          'From which size on the file of the journal becomes a segment, and an empty one goes on; 1MiB to 1GiB.',
      }),
    keep: duration(30 * day, 3650 * day)
      .optional()
      .meta({
        ...durationHint,
        examples: ['400d'],
        description:
          'How long records are kept, 30d at least and no shorter than any recording. Their hashes stay, so proofs stay valid. Left out: for ever.',
      }),
    witness: z
      .array(witnessSchema)
      .max(8)
      .refine(
        (witnesses) => new Set(witnesses.map(({ key }) => key.name)).size === witnesses.length,
        'Two witnesses have one name; each key has a name of its own.',
      )
      .prefault([])
      .meta({
        description:
          'Witnesses outside the fleet, which cosign the journal. Hosts of the fleet (peers) are witnesses anyway.',
      }),
  })
  .prefault({})
  .meta({ description: 'How the journal is kept, and who else vouches for it.' });

/** @returns the journal's own part of the policy */
export function toJournal({ rotate, keep }: z.output<typeof journalSchema>): JournalPolicy {
  return { rotateBytes: rotate, ...(keep === undefined ? {} : { keepMs: keep }) };
}
