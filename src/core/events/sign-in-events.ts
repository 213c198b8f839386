// Events of people proving who they are, of locks, and of visits that were refused.
import {
  batch,
  by,
  claimed,
  flow,
  groups,
  login,
  pinned,
  refusalCode,
  request,
  samePerson,
  signedIn,
} from './shared-fields.ts';
import { event, flag, group, instantMs, number, optional, text } from './field.ts';

const signInFields = {
  login,
  claimed,
  identity: group('the person, as the provider vouches for them', signedIn),
  groups,
  flow,
  unreadGroups: optional(
    text('the type of the groups claim, where it could not be read: then the person has no groups'),
  ),
  lacksGroups: optional(flag('true where the ID token had no groups claim at all')),
};

const refusedFields = {
  login,
  address: text('the address and ports of the ssh connection, as claimed'),
  code: refusalCode,
  command: text('the command that was typed'),
  claim: optional(text('the claim of the person, where they had signed in')),
};

const lockFields = {
  target: text('the login, or `*` for everyone'),
  login: optional(text('the login; left out where it is everyone')),
  number: number('the number of the lock: of two for the same target the higher one holds'),
  locked: flag('true in `locked`, false in `unlocked`'),
  by,
  reason: text('the reason that they gave; may be empty'),
  at: instantMs('when it was asked for, on the host where it was asked for'),
};

export const signInEvents = {
  'sign-in-taken-over': event(
    'A request that a person made on another host is about to be granted, and counts as their sign-in here while the access lasts.',
    {
      login,
      from: text('the host where they signed in, and asked'),
      batch,
      request,
      claimed,
      identity: group('the person, as the provider vouched for them there', signedIn),
      groups,
      at: instantMs('when they signed in there'),
      until: instantMs('until when it counts here'),
    },
  ),
  'sign-in': event('A person signed in at the provider, and the identity may use the login.', {
    ...signInFields,
    noRecheck: optional(
      flag(
        'true where the provider gave no refresh token: until the sign-in ends, it cannot be asked about the person again',
      ),
    ),
  }),
  'proved-anew': event('A person signed in again for one act, such as a review. Written before the act.', {
    purpose: text('the act, as the person was shown it'),
    ...signInFields,
  }),
  pinned: event(
    'A login was used for the first time: from now on it belongs to this identity, and another one is refused.',
    {
      login,
      ...pinned,
    },
  ),
  unpinned: event('Root made a login free for another identity (`unpin`). Written before the pin is removed.', {
    login,
    by: text('the login of whoever typed it'),
  }),
  'identity-gone': event(
    'The provider no longer vouches for a person. Their connections are closed and their sign-ins forgotten after this.',
    { ...samePerson, login: optional(text('their login, where it is known')) },
  ),
  refused: event('A visit was refused.', refusedFields),
  'refused-again': event('How often the same refusal came again within the minute after the first.', {
    ...refusedFields,
    times: number('how many times, without the first'),
  }),
};

export const lockEvents = {
  locked: event('A login, or everyone, was locked out of this host, here or on another host of the fleet.', lockFields),
  unlocked: event('A lock was lifted. Written before it has an effect.', lockFields),
};
