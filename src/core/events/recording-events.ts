// Events of recordings: what the keeper journals while one is written and after its end.
import { connection, login, session } from './shared-fields.ts';
import { event, number, oneOf, optional, sha256, text } from './field.ts';

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
};
