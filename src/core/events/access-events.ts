// Events of grants, connections, sessions and break-glass.
import {
  approvers,
  auto,
  batch,
  by,
  claimed,
  connection,
  endedOnRequest,
  grant,
  killed,
  login,
  person,
  proof,
  reason,
  request,
  session,
  terms,
  view,
  why,
} from './shared-fields.ts';
import {
  durationText,
  event,
  flag,
  group,
  id,
  instantMs,
  instantText,
  list,
  number,
  oneOf,
  optional,
  sha256,
  text,
} from './field.ts';

export const grantEvents = {
  granted: event('A grant was made. Written before it is in the store and before it opens anything.', {
    grant,
    request,
    digest: sha256('the digest of the signed request'),
    session,
    who: group('the person who has it', person),
    reason,
    approvers,
    auto,
    start: instantMs('the deciding approval'),
    end: instantMs('its end'),
    mode: view,
    extends: optional(id('the grant that it extends')),
    terms,
    batch: optional(batch),
    window: durationText('from start to end'),
    rules: list('the rules of the policy by which each approval counts', text('a rule')),
    why: optional(text('what the ticket system said, where a rule approved')),
    proofs: list('how each approver proved who they are', proof),
    reviewedOn: list('the host on which each approver reviewed, whose journal has that review', text('a host')),
  }),
  extended: event('Follows `granted` where the grant extends another: by how much the end moved.', {
    grant,
    extends: optional(id('the grant that it extends')),
    request,
    session,
    login,
    from: instantText('the end before'),
    to: instantText('the end from now on'),
  }),
  'grant-dropped': event('Follows `granted` where the grant could not take effect: it opened nothing.', {
    grant,
    request,
    why,
  }),
  'deadline-moved': event('The end of a live connection changed, because a grant came or ended.', {
    connection,
    grant: id('the grant that it goes by from now on'),
    from: instantText('the end before'),
    to: instantText('the end from now on'),
  }),
  revoked: event('A grant was taken back. Connections that no other grant keeps are closed after this.', {
    grant,
    on: optional(text('the host of the grant, where it is another one')),
    session,
    login,
    by,
    reason: text('the reason that they gave; may be empty; `given back` by `give-back`'),
  }),
  'grant-ended': event('A grant is over, and connections that no other grant keeps are closed.', {
    grant,
    request,
    session,
    login,
    end: instantMs('the end that it was signed with'),
    why: oneOf('why', ['expired', 'revoked', 'withdrawn']),
  }),
};

export const connectionEvents = {
  connected: event('A person is let in. Written before the gate attaches to the session.', {
    connection,
    login,
    identity: group('the person', person),
    claimed,
    session,
    mode: oneOf('what the person may do', ['type', 'view']),
    as: optional(oneOf('left out: by a grant of their own', ['approver'])),
    grantOf: optional(group('whose grant it is, where they look on as an approver', person)),
    grant,
    request,
    approvers,
    auto,
    reason,
    window: group('the time that the grant covers', {
      start: instantMs('its start'),
      end: instantMs('its end'),
    }),
    recording: text('the file of the recording'),
    server: id('the session (the tmux server) that they attach to'),
  }),
  disconnected: event('A connection is over, and all of its processes are gone.', {
    connection,
    session,
    login,
    identity: group('the person', person),
    grant,
    why: text('`expired`, or why in words'),
    lasted: optional(durationText('how long it lasted; left out where the keeper was not running')),
    killed: optional(killed),
  }),
  'input-passes': event(
    'In a moderated session somebody watches who may approve. Written before what the person types is passed on.',
    {
      connection,
      session,
      login,
      identity: group('the person who types', person),
      viewer: group('the connection that watches', {
        connection: id('its id'),
        login: text('its login'),
        identity: group('its person', person),
        grant: id('its grant'),
      }),
    },
  ),
  'input-held': event(
    'In a moderated session nobody watches any more. What the person types is dropped from then on.',
    {
      connection,
      session,
      login,
      identity: group('the person who types', person),
    },
  ),
};

const sessionFields = {
  session: optional(
    text('the name of the session in the policy; left out where a keeper that started could not read it'),
  ),
  id: id('this run of the session (its tmux server)'),
  login: optional(text('of a dedicated session: whose it is')),
};

export const sessionEvents = {
  'session-starting': event('A tmux server is started. Written before.', {
    ...sessionFields,
    account: text('the session account'),
    privileges: oneOf('what it may gain by sudo', ['none', 'account']),
  }),
  'session-kept': event('The last grant of a session ended, and the policy keeps it running (`at_expiry: keep`).', {
    session,
    id: sessionFields.id,
    why,
    processes: number('how many processes it has'),
  }),
  'session-ended': event('A session ended, and all of its processes are gone.', {
    ...sessionFields,
    why: text('why, in words'),
    killed: optional(killed),
    ended: endedOnRequest,
  }),
  'home-removed': event('The temporary home of a dedicated session was removed.', { id: id('the session') }),
  'home-left': event('The temporary home of a dedicated session could not be removed. The next keeper tries again.', {
    id: id('the session'),
    why,
  }),
};

const code = id('the id of the code, which is no secret');

export const breakGlassEvents = {
  'break-glass-issued': event('Root asked for new codes. Written before they are made.', {
    count: number('how many'),
    by: text('the login of whoever typed it'),
  }),
  'break-glass-wrong': event('A wrong, used or void code was typed. Nothing was opened.', { login, session }),
  'break-glass': event('A code was used up and a grant made by it. Written before anything is opened.', {
    grant,
    code,
    session,
    login,
    reason,
    end: instantMs('the end of the grant'),
    claimed,
  }),
  'break-glass-unfinished': event(
    'A code was used up, the keeper died, and nothing was opened. Written by the next keeper.',
    {
      code,
      login,
      session,
      grant: id('the grant that was not made'),
      at: instantMs('when the code was typed'),
    },
  ),
  'break-glass-reviewed': event('Somebody looked at a use of break-glass. Written before the next code can be used.', {
    code,
    login: text('the Unix login of whoever used it'),
    session,
    grant,
    at: instantMs('when the code was used'),
    reason: text('what the reviewer wrote'),
    address: optional(text('the address and ports of the ssh connection, as claimed')),
    unfinished: optional(flag('true where nothing was opened')),
    by,
  }),
  'break-glass-voided': event('Root made codes void. Written before they are.', {
    code: text('the id of the code, or `all`'),
    by: text('the login of whoever typed it'),
  }),
};
