// Events of those who look: reading a recording is an act like any other.
import { readings } from '../reading.ts';
import { by } from './shared-fields.ts';
import { event, id, oneOf, optional, text } from './field.ts';

export const readingEvents = {
  'recording-read': event(
    'Somebody is about to read a recording, evidence that holds recordings, or an export of the journal. Written before anything of it is shown.',
    {
      what: oneOf(
        'what they do: `replay`, `follow` while it is live, read its `text`, `find` in it, `export` it, make `evidence`',
        readings,
      ),
      connection: optional(id('the connection that was recorded; left out where several are read')),
      query: optional(
        text(
          'what was searched for, which access or period the evidence is of, or the format of an export of the journal',
        ),
      ),
      by,
      reason: optional(text('why, as they typed it; left out where root gave none')),
      rule: optional(text('the rule of the policy by which they may, where that is not root on the host')),
    },
  ),
};
