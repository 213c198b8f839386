// Events of sign-ins, locks, requests, reviews and break-glass.
import { text, told, type Fields, type Told } from './base.ts';
import { actorOf, entity, hostOf, sourceOf, userOf, windowOf } from './objects.ts';
import { codeFlowRefusals } from '../refusals-code-flow.ts';
import { identityRefusals } from '../refusals-identity.ts';

const gate = { name: 'tmux-gate' };

/** OpenID is 4 in `auth_protocol_id`. Several factors are what the provider says of them (RFC 8176, `amr`). */
function signIn(record: Fields): Told {
  const { identity, login, claimed } = record;
  return told('authentication', 'Logon', {
    ...{ user: userOf(identity, login), service: gate, auth_protocol_id: 4, auth_protocol: 'OpenID' },
    ...{
      is_mfa: isMfa(identity),
      is_remote: true,
      src_endpoint: sourceOf((claimed as Fields | undefined)?.['address']),
    },
  });
}

function isMfa(identity: unknown): boolean | undefined {
  const amr = (identity as Fields | undefined)?.['amr'];
  return Array.isArray(amr) ? amr.includes('mfa') || amr.length > 1 : undefined;
}

/** A visit that was refused: for who the person is, or else for what they wanted. */
function refused(record: Fields): Told {
  const { login, claim, address, code } = record;
  const from = { src_endpoint: sourceOf(address), status_detail: text(code) };
  const how = { severity: 'Low', failed: true } as const;
  if (Object.hasOwn({ ...identityRefusals, ...codeFlowRefusals }, String(code)))
    return told('authentication', 'Logon', { user: userOf({ claim }, login), service: gate, ...from }, how);
  const actor = { user: userOf({ claim }, login) };
  return told('sshActivity', 'Refuse', { actor, dst_endpoint: hostOf(record), ...denied, ...from }, how);
}

const denied = { action_id: 2, action: 'Denied' };

const lock =
  (activity: 'Lock' | 'Unlock') =>
  ({ target, login, by }: Fields): Told =>
    told('accountChange', activity, { user: { name: text(login) ?? text(target) ?? '*' }, actor: actorOf(by) });

type EntityActivity = 'Create' | 'Update' | 'Delete';

/** What happens to a request. @param failed whether it ended without what was asked for */
const request =
  (activity: EntityActivity, failed = false) =>
  (record: Fields): Told => {
    const { request: id = record['batch'], session, who, by, reason, why, code, login, identity } = record;
    const person = login === undefined ? undefined : { user: { name: login } };
    const actor = actorOf(by) ?? actorOf(who) ?? actorOf(identity) ?? person;
    const detail = { comment: text(reason), status_detail: text(code) ?? text(why) };
    return told('entityManagement', activity, { entity: entity('request', id, session), actor, ...detail }, { failed });
  };

const pin =
  (activity: EntityActivity) =>
  (record: Fields): Told =>
    told('entityManagement', activity, {
      entity: entity('pin', record['login']),
      actor: actorOf(record['by']) ?? { user: userOf(record, record['login']) },
    });

const finding =
  (title: string) =>
  (record: Fields): Told => {
    const { login, session, grant, code } = record;
    const info = { uid: text(grant) ?? text(code) ?? text(login) ?? title, title, types: ['break-glass'] };
    const about = { resources: [{ type: 'session', name: text(session) ?? '*' }], is_alert: true };
    return told(
      'detectionFinding',
      'Create',
      { finding_info: info, ...about, actor: actorOf(login) ?? actorOf(record['by']) },
      { severity: 'High' },
    );
  };

const codes =
  (activity: EntityActivity) =>
  ({ by, code }: Fields): Told =>
    told('entityManagement', activity, { entity: entity('break-glass code', code), actor: actorOf(by) });

/** Somebody looked at who has access: the listing is the entity, by its digest. */
const accessReview = ({ period, session, sha256, by, reason }: Fields): Told =>
  told('entityManagement', 'Update', {
    entity: entity('access review', sha256, `${text(session) ?? '*'} ${text(period) ?? ''}`.trim()),
    actor: actorOf(by),
    comment: text(reason),
  });

export const peopleEvents = {
  'sign-in': signIn,
  'proved-anew': signIn,
  pinned: pin('Create'),
  unpinned: pin('Delete'),
  'identity-gone': (record: Fields) =>
    told('authentication', 'Logoff', { user: userOf(record, record['login']), service: gate }),
  refused,
  'refused-again': refused,
  locked: lock('Lock'),
  unlocked: lock('Unlock'),
  'sign-in-taken-over': signIn,
  requested: request('Create'),
  'batch-requested': request('Create'),
  'batch-withdrawn': request('Delete', true),
  reviewed: request('Update'),
  denied: request('Delete', true),
  withdrawn: request('Delete', true),
  lapsed: request('Delete', true),
  unanswered: request('Delete', true),
  'link-issued': request('Update'),
  'link-ended': request('Update', true),
  'link-refused': request('Update', true),
  granted: (record: Fields) =>
    told('authorizeSession', 'Assign Privileges', {
      user: userOf(record['who'], record['login']),
      privileges: [`${text(record['mode']) ?? 'type'} in ${text(record['session']) ?? '*'}`],
      session: windowOf(record),
    }),
  'break-glass-issued': codes('Create'),
  'break-glass-voided': codes('Delete'),
  'break-glass-wrong': finding('A wrong break-glass code was typed'),
  'break-glass': finding('Break-glass was used'),
  'break-glass-unfinished': finding('Break-glass was used and opened nothing'),
  'break-glass-reviewed': codes('Update'),
  'access-reviewed': accessReview,
};
