// Every event of the journal as OCSF 1.8: valid by the schema of its class, whatever is left out.
import { describe, expect, test } from '@jest/globals';
import { events } from '../../../../src/core/events/events.ts';
import type { Field, Fields } from '../../../../src/core/events/field.ts';
import { ocsfEvents } from '../../../../src/core/ocsf/ocsf.ts';
import { faultsOf } from '../../../harness/ocsf-schema.ts';

type Event = Readonly<Record<string, unknown>>;

const samples: Readonly<Record<string, (field: Field<unknown>, all: boolean) => unknown>> = {
  'SHA-256, hex': () => 'ab'.repeat(32),
  number: () => 7,
  'instant, ms': () => 1_795_996_800_000,
  'instant, text': () => '2026-11-30 00:00:00 UTC',
  'duration, ms': () => 60_000,
  'true or false': () => true,
  'one of': ({ words = [] }) => words[0],
  list: ({ item }, all) => [sampleOf(item as Field<unknown>, all)],
  group: ({ parts = {} }, all) => fieldsOf(parts, all),
  notice: () => ({}),
};

/** A value of a field, made from its description. */
function sampleOf(field: Field<unknown>, all: boolean): unknown {
  const made = samples[field.type];
  return made === undefined ? 'some text' : made(field, all);
}

function fieldsOf(fields: Fields, all: boolean): Event {
  const wanted = Object.entries(fields).filter(([, { optional }]) => all || optional !== true);
  return Object.fromEntries(wanted.map(([name, field]) => [name, sampleOf(field, all)]));
}

const base = { n: 12, at: '2026-11-30T00:00:01.000Z', host: 'prod-box' };
const exported = (record: Event): readonly Event[] => ocsfEvents(record, JSON.stringify(record), '1.2.3');

describe('each event of the journal', () => {
  test.each(Object.keys(events))('%s', (event) => {
    const { fields } = events[event as keyof typeof events];
    for (const all of [true, false]) {
      const made = exported({ ...base, event, ...fieldsOf(fields, all) });
      expect(made.map(faultsOf)).toEqual(made.map(() => undefined));
    }
    // A record of another version, or one that somebody edited, has none of its fields.
    const bare = exported({ event });
    expect(bare.map(faultsOf)).toEqual(bare.map(() => undefined));
  });

  test('of another version is kept as it is', () => {
    const record = { ...base, event: 'of-tomorrow' };
    const [made] = exported(record);
    expect(made).toMatchObject({ class_uid: 3004, message: 'of-tomorrow', raw_data: JSON.stringify(record) });
    expect(faultsOf(made as Event)).toBeUndefined();
  });
});

const alice = { issuer: 'https://id', subject: 's1', login: 'alice', claim: 'alice@example.com' };

describe('what a receiver needs', () => {
  test('a sign-in: who, by OpenID, with several factors or not', () => {
    const signIn = (amr?: readonly string[]): Event =>
      exported({
        ...{ ...base, event: 'sign-in', login: 'alice', groups: [] },
        ...{ identity: { ...alice, amr }, claimed: { address: '10.0.0.7 50222 10.0.0.1 22', fingerprint: '' } },
      })[0] as Event;
    expect(signIn(['mfa'])).toMatchObject({
      ...{ class_uid: 3002, activity_id: 1, status_id: 1, auth_protocol_id: 4, is_mfa: true },
      ...{ user: { name: 'alice', uid: 's1', uid_alt: 'alice@example.com', domain: 'https://id' } },
      src_endpoint: { ip: '10.0.0.7', port: 50222 },
    });
    expect([signIn(['pwd'])['is_mfa'], signIn(['pwd', 'otp'])['is_mfa'], signIn()['is_mfa']]).toEqual([
      ...[false, true, undefined],
    ]);
  });

  test('a refusal of the person is a failed sign-in; any other is a refused connection', () => {
    const refusal = (code: string): Event =>
      exported({ ...base, event: 'refused', login: 'alice', address: '10.0.0.7', code, command: '' })[0] as Event;
    expect(refusal('SIGN_IN_DENIED')).toMatchObject({ class_uid: 3002, status_id: 2, status_detail: 'SIGN_IN_DENIED' });
    expect(refusal('LOCKED')).toMatchObject({ class_uid: 4007, activity_id: 5, action_id: 2, status_id: 2 });
  });

  test('a grant: the approved window as a session, and the privilege', () => {
    const [made] = exported({
      ...{ ...base, event: 'granted', grant: 'G1', who: alice, session: 'prod-db' },
      ...{ start: 1_795_996_800_000, end: 1_795_997_800_000 },
    });
    expect(made).toMatchObject({
      ...{ class_uid: 3003, privileges: ['type in prod-db'] },
      session: { uid: 'G1', created_time: 1_795_996_800_000, expiration_time: 1_795_997_800_000 },
    });
  });

  test('a lock and its end', () => {
    const made = ['locked', 'unlocked'].map((event) => exported({ ...base, event, target: 'alice', by: 'root' })[0]);
    expect(made).toMatchObject([
      { class_uid: 3001, activity_id: 9, activity_name: 'Lock' },
      { class_uid: 3001, activity_id: 12, activity_name: 'Unlock' },
    ]);
  });

  test('each killed process is an event of its own, with an id of its own', () => {
    const killed = [
      { pid: 7, comm: 'sleep', uid: 3001, ageSeconds: 4 },
      { pid: 8, comm: 'sh', uid: 3001, ageSeconds: 4 },
    ];
    const made = exported({ ...base, event: 'disconnected', login: 'alice', identity: alice, why: 'expired', killed });
    expect(made.map(({ class_uid: of }) => of)).toEqual([4007, 1007, 1007]);
    expect(made[2]).toMatchObject({ process: { pid: 8, name: 'sh', user: { uid: '3001' } } });
    expect(made.map(({ metadata }) => (metadata as Event)['uid'])).toEqual([
      ...['prod-box/12', 'prod-box/12/1', 'prod-box/12/2'],
    ]);
  });

  test('a process of which little is known is still told', () => {
    const made = exported({ ...base, event: 'killed-too', of: 'disconnected', killed: [{ pid: 'x' }] });
    expect(made[0]?.['process']).toEqual({ name: 'unknown', uid: 'unknown' });
  });

  test('what nobody should overlook is a finding of high severity', () => {
    const found = [
      { event: 'break-glass', grant: 'G1', code: 'C1', session: 'prod-db', login: 'alice' },
      { event: 'recording-changed', connection: 'C1', what: 'shorter' },
      { event: 'opened', problem: 'it was cut' },
    ].map((record) => exported({ ...base, ...record }).at(-1));
    for (const made of found)
      expect(made).toMatchObject({ class_uid: 2004, severity_id: 4, is_alert: true, status: 'New' });
  });
});
