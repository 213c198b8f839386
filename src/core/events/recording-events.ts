// Events of recordings: what the keeper journals while one is written and after its end.
import { connection, login, session } from './shared-fields.ts';
import { event, list, number, oneOf, optional, sha256, text } from './field.ts';

const chain = sha256(
  'the digest over the text of the chain before (64 zeros at first) followed by the digest of this range, both hex',
);

export const recordingEvents = {
  'recording-range': event(
    'A part of a recording was on disk and got its digest: after 1 MiB, a minute after its first byte, or at the end.',
    {
      connection,
      range: number('the number of the part, from 0'),
      from: number('its first byte in the file'),
      to: number('the byte behind its last one'),
      sha256: sha256('the digest of its bytes, before they are compressed or encrypted'),
      chain,
    },
  ),
  'recording-closed': event('The connection is over and nothing more is written: the whole recording has digests.', {
    connection,
    session,
    login,
    ranges: number('how many parts it has'),
    bytes: number('how many bytes'),
    chain: sha256('the chain of the last part; 64 zeros where there is none'),
    why: optional(text('what was not as usual; left out where nothing was')),
  }),
  'recording-changed': event(
    'The file of a recording is not what was written: told to those on call. What the records above say of it stays valid.',
    {
      connection,
      what: oneOf('what happened to the file', ['changed', 'shorter', 'longer', 'replaced', 'missing']),
      bytes: number('how many bytes the journal has digests of'),
      found: number('how many bytes the file has; 0 where it is missing'),
    },
  ),
  'recording-sealed': event(
    'The recording was compressed and, by policy, encrypted: this file is all that stays of it. The plain one is removed after this.',
    {
      connection,
      file: text('the sealed file'),
      bytes: number('its length'),
      sha256: sha256('its digest'),
      recipients: list('whom it is encrypted to (age); empty where it is compressed only', text('the recipient')),
    },
  ),
  'recording-held': event('Root holds a recording: neither its age nor a purge removes it. Written before it is so.', {
    connection,
    by: text('who holds it'),
    reason: text('the reason that they gave'),
  }),
  'recording-released': event('Root released a recording that was held. Written before it is so.', {
    connection,
    by: text('who released it'),
    reason: text('the reason that they gave'),
  }),
  'recording-purged': event(
    'A recording is removed for good, by root or by its age. Written before its file goes; what the records above say of it stays valid.',
    {
      connection,
      by: text('who removed it; `policy` where `keep` did'),
      reason: text('why'),
      file: text('the name of its file'),
      sha256: optional(sha256('the digest of its sealed file; left out where it was never sealed')),
    },
  ),
};
