// Events of witnesses: those of this host's journal, and what this host saw as a witness of its peers' journals.
import { contradictions } from '../tlog/witness.ts';
import { event, instantMs, number, oneOf, optional, sha256, text } from './field.ts';

const log = text('the host whose journal it is');
const witness = text('the witness: `tmux-gate/` and the host, or the name of the key in `journal.witness`');

export const witnessEvents = {
  'fork-seen': event(
    "This host is a witness of a peer's journal, and the peer signed a checkpoint that contradicts what this host cosigned. It is not cosigned.",
    {
      log,
      problem: oneOf(
        '`smaller`: it has fewer records than were cosigned; `other-root`: as many, and others; `not-continued`: more, which do not continue those that were cosigned',
        contradictions,
      ),
      cosigned: number('how many records this host had cosigned'),
      cosignedRoot: sha256('the root of their tree'),
      shown: number('how many records the checkpoint has'),
      shownRoot: sha256('the root of their tree'),
    },
  ),
  'fork-over': event('The peer shows a checkpoint again that continues what this host cosigned.', {
    log,
    records: number('how many records it has'),
  }),
  'fork-accepted': event(
    "Root of this host accepted a peer's journal that contradicts what was cosigned (`tmux-gate audit witnessed HOST --accept`). The next checkpoint is cosigned as the first one.",
    {
      log,
      cosigned: number('how many records this host had cosigned'),
      by: text('the login of whoever accepted it'),
      reason: text('the reason that they gave'),
      at: instantMs('when they accepted it'),
    },
  ),
  'witness-away': event(
    'A witness has not cosigned the journal of this host for 10 minutes, in which there were new records.',
    {
      witness,
      cosigned: number('how many records it had cosigned; 0 for none'),
      records: number('how many records there are'),
      problem: optional(text('what was wrong at the last try')),
    },
  ),
  'witness-back': event('The witness cosigns the journal again.', {
    witness,
    cosigned: number('how many records it has cosigned now'),
  }),
  'witness-contradicts': event(
    'A witness answers that the journal of this host is not the one that it cosigned: it was cut, rolled back, changed or replaced.',
    {
      witness,
      cosigned: number('how many records it had cosigned'),
      records: number('how many records there are'),
      problem: text('what it answered'),
    },
  ),
};
