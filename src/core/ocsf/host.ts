// Events of the keeper, the journal and notices.
import { text, told, type Fields, type Told } from './base.ts';
import { actorOf, entity } from './objects.ts';

interface Of {
  readonly type: string;
  readonly failed?: boolean;
}

const about =
  (activity: 'Create' | 'Update' | 'Delete', { type, failed = false }: Of) =>
  (record: Fields): Told =>
    told(
      'entityManagement',
      activity,
      { ...{ entity: entity(type, record['host']), actor: actorOf(record['by']) }, ...detailOf(record) },
      { failed },
    );

const detailOf = ({ why, problem, error, of, reason }: Fields): Fields => ({
  status_detail: text(why) ?? text(problem) ?? text(error) ?? text(of),
  comment: text(reason),
});

/** The journal was opened; where it was not as this host left it, that is a finding. */
function opened(record: Fields): readonly Told[] {
  const open = about('Update', { type: 'journal' })(record);
  const title = text(record['problem']);
  if (title === undefined) return [open];
  return [open, tampering(record['host'], title)];
}

/** A journal that was changed. @param of the host whose it is */
function tampering(of: unknown, title: string): Told {
  const info = { uid: `${String(of)}/journal`, title, types: ['tampering'] };
  return told('detectionFinding', 'Create', { finding_info: info, is_alert: true }, { severity: 'High' });
}

/** What a witness saw, or what one answered. */
const forkSeen = ({ log, problem }: Fields): Told => tampering(log, `fork: ${String(problem)}`);
const contradicted = ({ host, problem }: Fields): Told => tampering(host, String(problem));

export const hostEvents = {
  opened,
  head: about('Update', { type: 'journal' }),
  policy: about('Update', { type: 'policy' }),
  'policy-reloaded': about('Update', { type: 'policy' }),
  'policy-refused': about('Update', { type: 'policy', failed: true }),
  'key-made': about('Create', { type: 'key' }),
  'key-rotated': about('Update', { type: 'key' }),
  'log-migrated': about('Update', { type: 'journal' }),
  'journal-trimmed': about('Delete', { type: 'journal' }),
  'fork-seen': forkSeen,
  'fork-over': about('Update', { type: 'journal' }),
  'fork-accepted': about('Update', { type: 'journal' }),
  'witness-away': about('Update', { type: 'journal', failed: true }),
  'witness-back': about('Update', { type: 'journal' }),
  'witness-contradicts': contradicted,
  'keeper-started': about('Create', { type: 'keeper' }),
  'keeper-stopped': about('Delete', { type: 'keeper' }),
  'end-failed': about('Update', { type: 'keeper', failed: true }),
  'act-failed': about('Update', { type: 'keeper', failed: true }),
  'notice-failed': about('Update', { type: 'notice', failed: true }),
  'notices-held-back': about('Update', { type: 'notice', failed: true }),
};
