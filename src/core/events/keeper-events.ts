// Events of the journal itself and of the keeper.
import { connection, endedOnRequest, killed } from './shared-fields.ts';
import { countedEvents } from '../totals.ts';
import {
  durationMs,
  error,
  event,
  flag,
  group,
  id,
  instantMs,
  instantText,
  list,
  nullable,
  number,
  oneOf,
  optional,
  sha256,
  text,
} from './field.ts';

const anchor = {
  n: number('the number of the record'),
  hash: sha256('the digest of the record'),
  bytes: number('the length of the journal with it, in bytes'),
};

const totals = Object.fromEntries(countedEvents.map((one) => [one, number(`of \`${one}\``)]));

export const keeperEvents = {
  opened: event('A keeper opened the journal. This is the first record of each keeper.', {
    checkpoint: optional(
      nullable(list('the signed checkpoint that was found, line by line; null where there was none', text('a line'))),
    ),
    head: optional(nullable(text('the signed head of an earlier version that was found'))),
    torn: optional(text('the file that has the part of a line that a crash left at the end of the journal')),
    tornBytes: optional(number('how long that part is, in bytes')),
    problem: optional(text('what was wrong with the journal, where root accepted it (`tmux-gate audit accept`)')),
    accepted: optional(
      group('how root accepted it', {
        found: group('the last record of the journal as it was accepted', anchor),
        by: text('the login of whoever accepted it'),
        reason: text('the reason that they gave'),
        at: instantMs('when they accepted it'),
      }),
    ),
    lost: optional(
      nullable(group('the last record that this host had written before; null where that is not known', anchor)),
    ),
  }),
  head: event(
    'The newest checkpoint was added to the journal: after each 100 records, a minute after a record, and when the journal is closed.',
    {
      checkpoint: optional(
        list(
          'the checkpoint, a signed note, line by line: how many records there are, and the root of their tree',
          text('a line'),
        ),
      ),
      head: optional(
        text('of an earlier version: a JWS that says how many records there are, and the digest of the last'),
      ),
      totals: optional(
        group('how many records of these events there are before this one, since the beginning of the journal', totals),
      ),
    },
  ),
  'log-migrated': event(
    'A journal of an earlier version became a Merkle tree. Its records were checked by its last signed head, which stands in the record before.',
    { records: number('how many records it had') },
  ),
  'journal-trimmed': event(
    'The oldest records are removed by `journal.keep`. Written before their lines go; their hashes stay, so proofs stay valid.',
    {
      first: number('the number of the first record that goes'),
      last: number('the number of the last; with what went before, none up to it is there any more'),
      root: text('the root of the tree of the records up to the last, base64, as in a checkpoint'),
      until: instantText('when the last of them was written'),
      keepMs: durationMs('how long records are kept'),
    },
  ),
  'keeper-started': event(
    'The keeper started and could write to the journal. Connections and sessions are taken over or ended after this.',
    {
      pid: number('its process id'),
    },
  ),
  policy: event(
    'The policy that is in force from here on. A text that is longer than a record follows in several, each with its part.',
    {
      sha256: sha256('of the whole text, in UTF-8'),
      part: number('which part of the text this record has, from 1'),
      parts: number('in how many parts the text is'),
      text: text('the text of the file, character by character'),
      why: oneOf('`start` of a keeper, or a `reload`', ['start', 'reload']),
    },
  ),
  'policy-reloaded': event(
    'Follows the `policy` of a reload, once what is live was judged by it. What was under way when it was taken may have its record in between.',
    {
      by: text('who had it reloaded: root, the login behind sudo, or a signal'),
      sha256: sha256('of its text, in UTF-8'),
      changed: list('the keys that differ from the policy before, the first 40 of them', text('how, and the key')),
      connections: number('how many connections ended by it'),
      sessions: number('how many sessions ended by it'),
      requests: number('how many waiting requests ended by it'),
    },
  ),
  'policy-refused': event('A reload was refused. The policy before stays in force.', {
    by: text('who had it reloaded: root, the login behind sudo, or a signal'),
    why: oneOf('`invalid`, or what only a keeper that starts can take', ['invalid', 'needs-restart']),
    problems: list('the problems, or the keys that need a restart; the first 40 of them', text('a line')),
  }),
  'key-made': event(
    'The next key of this host was made (`keys rotate`). It signs nothing yet. Written before it is kept.',
    {
      key: text('its fingerprint, a JWK thumbprint (RFC 7638)'),
      by: text('who had it made: root, or the login behind sudo'),
      reason: optional(text('the reason that they gave')),
    },
  ),
  'key-rotated': event(
    'Another key signs requests, reviews, grants, sign-ins and locks from here on. The key of the journal stays. Written before it happens.',
    {
      key: text('the fingerprint of the key that signs now'),
      before: text('the fingerprint of the one before'),
      by: text('who had it done: root, or the login behind sudo'),
      until: instantText('when the one before counts no longer'),
      leaked: flag('whether somebody else may have it: it ended at once'),
      reason: optional(text('the reason that they gave')),
    },
  ),
  'keeper-stopped': event(
    'The keeper was stopped and ends. Live connections go on; the next keeper takes them over.',
    {},
  ),
  'found-again': event('A keeper that started took over a live connection.', {
    connection,
    session: text('its session'),
    login: text('its login'),
  }),
  'stray-ended': event(
    'A keeper that started ended a cgroup that belongs to no connection and no session. Written after it was killed.',
    {
      kind: oneOf('`c` of a connection, `s` of a session', ['c', 's']),
      id: id('the connection or session'),
      killed,
    },
  ),
  'killed-too': event('Follows an end with more than 40 processes: the rest of them.', {
    of: text('the event that it follows'),
    connection: optional(id('the connection that ended')),
    kind: optional(oneOf('of a stray cgroup: `c` of a connection, `s` of a session', ['c', 's'])),
    id: optional(id('the session, or the stray cgroup, that ended')),
    killed: optional(killed),
    ended: endedOnRequest,
  }),
  'end-failed': event(
    'The end of a grant could not be carried out completely. It is tried again by the next keeper; see the log.',
    {
      error: error('the message of the error'),
    },
  ),
  'act-failed': event(
    'Follows a record that allowed an act (an unlock, a review or a void of break-glass, a rotation of keys): the act failed and was not done.',
    {
      of: text('the event of the record that it follows'),
      target: optional(text('of an unlock: the login, or `*` for everyone')),
      number: optional(number('of an unlock: the number of the lock')),
      grant: optional(id('of a review of break-glass: the grant')),
      key: optional(text('of a rotation of keys: the key that was to sign')),
      code: optional(text('of a void of break-glass codes: the id of the code, or `all`')),
    },
  ),
};
