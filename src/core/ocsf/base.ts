// What all exported events have in common: the Open Cybersecurity Schema Framework, version 1.8 (schema.ocsf.io/1.8.0).
//
// 1. Every event carries the journal's line as it stands (`raw_data`), so that nothing is lost by the translation, and its proof can be
//    checked against what the receiver has.
// 2. The id of an event is made of host and record alone (`metadata.uid`). Accident: a record that is sent twice is counted twice.
// 3. What the client claims and nobody proved (address, key) is marked so in the message of the class, never as a proved identity.

export const ocsfVersion = '1.8.0';

/** A record of the journal, parsed. Fields may be of an older version, so each is looked at before it is used. */
export type Fields = Readonly<Record<string, unknown>>;

const classes = {
  accountChange: [3001, 'Account Change', { Lock: 9, Unlock: 12 }],
  authentication: [3002, 'Authentication', { Logon: 1, Logoff: 2 }],
  authorizeSession: [3003, 'Authorize Session', { 'Assign Privileges': 1 }],
  entityManagement: [3004, 'Entity Management', { Create: 1, Read: 2, Update: 3, Delete: 4 }],
  sshActivity: [4007, 'SSH Activity', { Open: 1, Close: 2, Refuse: 5, Other: 99 }],
  processActivity: [1007, 'Process Activity', { Terminate: 2 }],
  detectionFinding: [2004, 'Detection Finding', { Create: 1 }],
} as const;

const categories: Readonly<Record<number, string>> = {
  1: 'System Activity',
  2: 'Findings',
  3: 'Identity & Access Management',
  4: 'Network Activity',
};

const severities = { Informational: 1, Low: 2, Medium: 3, High: 4 } as const;

type ClassName = keyof typeof classes;
type Activity<C extends ClassName> = keyof (typeof classes)[C][2];

/** One event, before what all have in common is added. */
export interface Told {
  readonly of: ClassName;
  readonly activity: string;
  readonly severity: keyof typeof severities;
  readonly failed: boolean;
  readonly attributes: Fields;
}

interface More {
  readonly severity?: keyof typeof severities;
  readonly failed?: boolean;
}

/** An event of a class. @param attributes the attributes that its class adds; undefined ones are left out */
export function told<C extends ClassName>(
  of: C,
  activity: Activity<C> & string,
  attributes: Fields,
  { severity = 'Informational', failed = false }: More = {},
): Told {
  return { of, activity, severity, failed, attributes };
}

/** A record with its line and the version of the product that exports it. */
export interface Source {
  readonly record: Fields;
  readonly line: string;
  readonly version: string;
  /** What happened, in a sentence. */
  readonly about: string;
}

/** The whole event. @param part which one of the events that a record makes, from 0 */
export function finished({ of, activity, severity, failed, attributes }: Told, source: Source, part: number): Fields {
  const [uid, name, activities] = classes[of];
  const activityId = (activities as Readonly<Record<string, number>>)[activity] as number;
  const category = Math.floor(uid / 1000);
  return {
    ...{ category_uid: category, category_name: categories[category], class_uid: uid, class_name: name },
    ...{ activity_id: activityId, activity_name: activity, type_uid: uid * 100 + activityId },
    ...{ type_name: `${name}: ${activity}`, time: instant(source.record['at']) },
    ...{ severity_id: severities[severity], severity },
    ...{ status_id: failed ? 2 : 1, status: statusOf(of, failed), message: source.about },
    metadata: metadataOf(source, part),
    device: { hostname: text(source.record['host']) ?? '', type_id: 1, type: 'Server' },
    ...present(attributes),
    raw_data: source.line,
  };
}

/** The caption of the status: 1 of a finding is "New", of all others "Success". */
function statusOf(of: ClassName, failed: boolean): string {
  if (of === 'detectionFinding') return 'New';
  return failed ? 'Failure' : 'Success';
}

/** Rule 2. */
function metadataOf({ record, version }: Source, part: number): Fields {
  const [host, n] = [text(record['host']) ?? '', String(record['n'])];
  return {
    version: ocsfVersion,
    product: { name: 'tmux-gate', vendor_name: 'tmux-gate', version },
    profiles: ['host', 'security_control'],
    uid: `${host}/${n}${part === 0 ? '' : `/${part}`}`,
    ...present({ event_code: text(record['event']), sequence: whole(record['n']), original_time: text(record['at']) }),
    log_name: 'journal',
  };
}

/** Without the attributes that are undefined. */
export function present(attributes: Fields): Fields {
  return Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== undefined));
}

export const text = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;

const whole = (value: unknown): number | undefined => (Number.isSafeInteger(value) ? (value as number) : undefined);

/** Milliseconds since 1970; 0 where the record has no readable time, which OCSF requires. */
function instant(at: unknown): number {
  const ms = Date.parse(String(at));
  return Number.isNaN(ms) ? 0 : ms;
}

/** The fields of a group; none where it is missing. */
export function group(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}

/** The items of a list; none where it is missing. */
export function items(value: unknown): readonly Fields[] {
  return Array.isArray(value) ? value.map(group) : [];
}
