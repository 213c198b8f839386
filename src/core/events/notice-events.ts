// Events of notices that did not reach a receiver.
import { event, instantMs, notice, text } from './field.ts';

export const noticeEvents = {
  'notice-failed': event(
    'A notice was given up: its receiver did not take it, too many waited, or the keeper stopped.',
    {
      target: text('the receiver: the origin of its URL, or its mail server'),
      problem: text('what was wrong at the last try'),
      notice: notice('the notice'),
    },
  ),
  'notices-held-back': event(
    'One login caused so many notices of one kind that further ones are not sent for a while.',
    {
      login: text('the login'),
      notices: text('the kind: an event of the notices'),
      until: instantMs('until when'),
    },
  ),
};
