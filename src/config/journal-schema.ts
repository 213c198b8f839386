// The schema of `journal`: who outside the fleet is a witness of this host's journal.
import { createHash } from 'node:crypto';
import * as z from 'zod';
import type { WitnessPolicy } from '../core/policy-types.ts';
import type { NoteKey } from '../core/tlog/note.ts';
import { readVerifierKey } from '../core/tlog/vkey.ts';
import { webUrl } from './fields.ts';

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
  .meta({ description: 'Who else vouches for the journal of this host.' });
