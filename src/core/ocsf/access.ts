// Events of grants, connections, sessions and recordings.
import { text, told, type Fields, type Told } from './base.ts';
import { actorOf, entity, hostOf, processesOf, sourceOf, userOf, windowOf } from './objects.ts';

const allowed = { action_id: 1, action: 'Allowed' };

const actorIn = ({ identity, login, who, by }: Fields): Fields => ({
  actor: actorOf(by) ?? { user: userOf(identity ?? who, login) },
});

const grant =
  (activity: 'Update' | 'Delete') =>
  (record: Fields): Told =>
    told('entityManagement', activity, {
      ...{ entity: entity('grant', record['grant'], record['session']), ...actorIn(record) },
      ...{ comment: text(record['reason']), status_detail: text(record['why']) },
    });

function extended(record: Fields): Told {
  const { login, session, from: start, to: end, grant: id } = record;
  return told('authorizeSession', 'Assign Privileges', {
    ...{ user: userOf(undefined, login), privileges: [`longer in ${text(session) ?? '*'}`] },
    session: windowOf({ grant: id, start, end }),
  });
}

const ssh = (record: Fields): Fields => ({
  ...actorIn(record),
  dst_endpoint: hostOf(record),
  src_endpoint: sourceOf((record['claimed'] as Fields | undefined)?.['address']),
  connection_info: { uid: record['connection'], direction_id: 1, direction: 'Inbound' },
});

const connection =
  (activity: 'Open' | 'Other') =>
  (record: Fields): Told =>
    told('sshActivity', activity, { ...ssh(record), ...allowed, ...{ session: windowOf(record) } });

const keeper = { name: 'tmux-gate-keeper', uid: 'tmux-gate-keeper' };

/** A process that was killed at an end is an event of its own. */
const kills = (record: Fields): readonly Told[] =>
  processesOf(record['killed']).map((process) =>
    told('processActivity', 'Terminate', { actor: { process: keeper }, process }),
  );

const disconnected = (record: Fields): readonly Told[] => [
  told('sshActivity', 'Close', {
    ...ssh(record),
    ...allowed,
    session: windowOf(record, record['why']),
    status_detail: text(record['why']),
  }),
  ...kills(record),
];

const session =
  (activity: 'Create' | 'Update') =>
  (record: Fields): Told =>
    told('entityManagement', activity, {
      ...{ entity: entity('session', record['id'], record['session']), ...actorIn(record) },
      status_detail: text(record['why']),
    });

const sessionOver = (record: Fields): readonly Told[] => [
  told('entityManagement', 'Delete', {
    ...{ entity: entity('session', record['id'], record['session']), ...actorIn(record) },
    status_detail: text(record['why']),
  }),
  ...kills(record),
];

const home =
  (activity: 'Update' | 'Delete', failed = false) =>
  (record: Fields): Told =>
    told(
      'entityManagement',
      activity,
      { entity: entity('home of a session', record['id']), status_detail: text(record['why']) },
      { failed },
    );

const recording =
  (activity: 'Create' | 'Read' | 'Update' | 'Delete') =>
  (record: Fields): Told =>
    told('entityManagement', activity, {
      ...{ entity: entity('recording', record['connection'], record['session']), actor: actorOf(record['by']) },
      ...{ comment: text(record['reason']), status_detail: text(record['what']) ?? text(record['why']) },
    });

function recordingChanged(record: Fields): Told {
  const title = 'The file of a recording is not what was written';
  const info = { uid: text(record['connection']) ?? title, title, types: ['tampering'] };
  return told('detectionFinding', 'Create', { finding_info: info, is_alert: true }, { severity: 'High' });
}

export const accessEvents = {
  extended,
  'grant-dropped': grant('Delete'),
  'deadline-moved': grant('Update'),
  revoked: grant('Delete'),
  'grant-ended': grant('Delete'),
  connected: connection('Open'),
  disconnected,
  'input-passes': connection('Other'),
  'input-held': connection('Other'),
  'found-again': connection('Other'),
  'session-starting': session('Create'),
  'session-kept': session('Update'),
  'session-ended': sessionOver,
  'home-removed': home('Delete'),
  'home-left': home('Update', true),
  'stray-ended': sessionOver,
  'killed-too': kills,
  'recording-range': recording('Update'),
  'recording-closed': recording('Update'),
  'recording-sealed': recording('Update'),
  'recording-purged': recording('Delete'),
  'recording-held': recording('Update'),
  'recording-released': recording('Update'),
  'recording-read': recording('Read'),
  'recording-changed': recordingChanged,
};
