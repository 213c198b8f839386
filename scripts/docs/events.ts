// docs/events.md, as the code has it: the journal's events are in src/core/events, notices in src/core/notice.ts.
import { eventTopics } from '../../src/core/events/events.ts';
import type { EventSpec, Field, Fields } from '../../src/core/events/field.ts';
import { noticeFields } from '../../src/core/events/notice-fields.ts';
import { headline } from '../../src/core/messages/notices.ts';
import { noticeFormats } from '../../src/core/notice-formats.ts';
import { noticeEvents, urgency, type Notice } from '../../src/core/notice.ts';
import { table } from './document.ts';

const code = (text: string): string => `\`${text}\``;

/** Written in every record, so that a field of the same name is written with `_` behind it (adapters/journal/record.ts). */
const ofEveryRecord: ReadonlySet<string> = new Set(['n', 'prev', 'at', 'host', 'event', 'seal']);

/** The name of a field as the record has it. */
export function writtenAs(name: string): string {
  return ofEveryRecord.has(name) ? `${name}_` : name;
}

const head = `<!-- Made by scripts/events-doc.ts from src/core/events and src/core/notice.ts. Change it there. -->

# Events

For auditors, and for whoever feeds a SIEM: every event of the journal with its fields, and every notice. How the journal is protected is in
[design.md](design.md#journal-and-recordings), how it is read in [on-call.md](on-call.md#reading-the-journal).

- The journal is \`/var/lib/tmux-gate/journal/journal.jsonl\`: JSON Lines, ASCII, one record a line, at most 16 KiB. \`tmux-gate audit show --json\`
  prints its lines as they are.
- A name of an event or of a field is not used again for something else. New events and new fields may come with a new version: ignore what you do
  not know.
- What opens something is written before it is done: a record of \`granted\` or \`connected\` says that it was allowed, and what follows says what
  came of it.
- Worth an alert: \`break-glass\`, \`break-glass-wrong\`, \`locked\`, \`unlocked\`, \`unpinned\`, \`link-refused\`, \`notice-failed\`, \`end-failed\`,
  \`act-failed\`, \`fork-seen\`, \`witness-away\`, \`witness-contradicts\`, \`opened\` with \`problem\` or \`torn\`, and \`refused\` with \`code\` \`PIN_MISMATCH\`, \`REQUEST_FORGED\` or \`TOKEN_REFUSED\`. A keeper whose
  journal was changed writes nothing: watch also that records go on.

`;

const everyRecord: readonly (readonly [string, string, string])[] = [
  ['`n`', 'number', 'counts from 1; a number that is missing is a record that was removed'],
  ['`prev`', 'SHA-256, hex', 'the digest of the line before'],
  ['`at`', 'text', 'when it was written: ISO 8601, UTC, with milliseconds'],
  ['`host`', 'text', 'the name of the host in the policy'],
  ['`event`', 'text', 'the event'],
  ['`seal`', 'text', 'a code by which this host knows its own records'],
  ['`happened` ?', 'instant, text', 'when it happened, where it was written more than two seconds later'],
  ['`shortened` ?', 'text', 'in place of all other fields, where they were longer than a record may be'],
];

const types: readonly (readonly [string, string])[] = [
  ['text', 'of one line; longer ones are cut, and end with `…`'],
  ['id', 'text of `0-9A-Z`: 6 characters for a request, 10 for a grant, a connection or a session'],
  ['instant, ms', 'milliseconds since 1970, UTC'],
  ['instant, text', '`2026-03-01 03:12:09 UTC`'],
  ['duration, ms', 'milliseconds'],
  ['duration, text', '`1h 05m`, `19m 30s`, `45s`'],
  ['list', 'in a long record the last item may be text that says how many are left out: `… 3 more`'],
];

function typeOf({ type, words = [], nullable }: Field<unknown>): string {
  const said = type === 'one of' ? words.map((word) => code(word)).join(', ') : type;
  return nullable === true ? `${said}, or null` : said;
}

/** `identity.claim` is a part of the group `identity`, `approvers[].login` of each item of a list. */
function rowsOf(name: string, field: Field<unknown>): readonly (readonly string[])[] {
  const { about, optional, parts, item } = field;
  const own = [`${code(name)}${optional === true ? ' ?' : ''}`, typeOf(field), about];
  const inner = parts ?? item?.parts ?? {};
  const prefix = parts === undefined ? `${name}[].` : `${name}.`;
  return [own, ...Object.entries(inner).flatMap(([part, one]) => rowsOf(prefix + part, one))];
}

const fieldTable = (fields: Fields, nameOf: (name: string) => string): string =>
  table(
    ['field', 'type', 'what'],
    Object.entries(fields).flatMap(([name, field]) => rowsOf(nameOf(name), field)),
  );

function eventPart(name: string, { about, fields }: EventSpec): string {
  const rest = Object.keys(fields).length === 0 ? 'It has no fields of its own.\n' : fieldTable(fields, writtenAs);
  return `### ${name}\n\n${about}\n\n${rest}`;
}

function topicPart([title, specs]: readonly [string, Readonly<Record<string, EventSpec>>]): string {
  return [`## ${title}\n`, ...Object.entries(specs).map(([name, spec]) => eventPart(name, spec))].join('\n');
}

const index = table(
  ['topic', 'events'],
  Object.entries(eventTopics).map(([title, specs]) => [
    title,
    Object.keys(specs)
      .map((name) => `[${name}](#${name})`)
      .join(', '),
  ]),
);

/** A notice whose every field is its own name in capitals. */
function specimen(event: Notice['event']): Notice {
  const named = Object.fromEntries(Object.keys(noticeFields).map((name) => [name, name.toUpperCase()]));
  return { ...named, auto: undefined, extends: undefined, event, host: 'HOST' };
}

const notices = `## Notices

Notices go to the receivers of \`notify\` in the policy ([policy.md](policy.md)), and are not part of the journal: of those that did not arrive it has
[notice-failed](#notice-failed). With \`format: json\` a notice is an object with the fields below. The other formats ([below](#formats)) show the headline and the same fields
as text.

${table(
  ['event', 'headline, with fields in capitals', 'urgency'],
  noticeEvents.map((event) => [code(event), headline(specimen(event)), urgency(specimen(event))]),
)}
A notice has \`event\` and \`host\`, and of these fields those that apply. All are text.

${fieldTable(noticeFields, (name) => name)}
### Formats

${table(
  ['`format`', 'what the receiver gets', 'what `secret_file` has'],
  Object.entries(noticeFormats).map(([name, { about, secret }]) => [code(name), about, secret]),
)}`;

export function eventsDocument(): string {
  return [
    head,
    `${index}\n`,
    `## Every record\n\nA field that may be left out has a \`?\`. Where an event has a field of one of these names, it is written with \`_\` behind it: \`at_\`.\n\n${table(['field', 'type', 'what'], everyRecord)}\n`,
    `${table(['type', 'what it is'], types)}\n`,
    `${Object.entries(eventTopics).map(topicPart).join('\n')}\n`,
    notices,
  ].join('');
}
