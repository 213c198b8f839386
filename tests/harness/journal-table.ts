// Whether records of a journal are as the table of events says (src/core/events): what real runs write, beside what the compiler sees.
import { existsSync, readFileSync } from 'node:fs';
import { writtenAs } from '../../scripts/docs/events.ts';
import { events } from '../../src/core/events/events.ts';
import { text, type EventSpec, type Field, type Fields, type FieldType } from '../../src/core/events/field.ts';
import { noticeFields } from '../../src/core/events/notice-fields.ts';

type Facts = Readonly<Record<string, unknown>>;

/** What every record has, or may have. */
const ofAll: ReadonlySet<string> = new Set(['n', 'prev', 'at', 'host', 'event', 'seal', 'happened']);

const isObject = (value: unknown): value is Facts =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isText = (value: unknown): boolean => typeof value === 'string';
const isWhole = (value: unknown): boolean => Number.isSafeInteger(value);
const matches = (pattern: RegExp) => (value: unknown) => typeof value === 'string' && pattern.test(value);

const plain: Readonly<Record<Exclude<FieldType, 'one of' | 'list' | 'group' | 'notice'>, (value: unknown) => boolean>> =
  {
    text: isText,
    id: matches(/^[0-9A-Z]+$/),
    'SHA-256, hex': matches(/^[0-9a-f]{64}$/),
    number: isWhole,
    'instant, ms': (value) => isWhole(value) && (value as number) > 1e12,
    'instant, text': matches(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC$/),
    'duration, ms': isWhole,
    'duration, text': matches(/^(?:\d+h(?: \d\dm)?|\d+m(?: \d\ds)?|\d+s)$/),
    'true or false': (value) => typeof value === 'boolean',
  };

function faultsOfField(name: string, field: Field<unknown>, value: unknown): readonly string[] {
  const { type, words = [], parts = {}, item, nullable } = field;
  const wrong = [`${name} is no ${type}: ${JSON.stringify(value)}`];
  if (value === null && nullable === true) return [];
  if (type === 'one of') return words.some((word) => word === value) ? [] : wrong;
  if (type === 'group') return isObject(value) ? faultsOfFields(`${name}.`, parts, value) : wrong;
  if (type === 'notice') return isObject(value) ? faultsOfFields(`${name}.`, notice, value) : wrong;
  if (type !== 'list') return plain[type](value) ? [] : wrong;
  if (!Array.isArray(value) || item === undefined) return wrong;
  return value.flatMap((one: unknown, i) => (isCut(one) ? [] : faultsOfField(`${name}[${i}]`, item, one)));
}

/** Of one in the journal (law 11). */
const notice: Fields = {
  ...Object.fromEntries(Object.entries(noticeFields).filter(([name]) => name !== 'link' && name !== 'code')),
  event: text('its event'),
  host: text('its host'),
};

/** In a list of a record that was too long. */
const isCut = (item: unknown): boolean => typeof item === 'string' && item.startsWith('…');

function faultsOfFields(prefix: string, fields: Fields, values: Facts): readonly string[] {
  const missing = Object.entries(fields).filter(
    ([name, { optional }]) => optional !== true && !Object.hasOwn(values, name),
  );
  const found = Object.entries(values).flatMap(([name, value]) => {
    const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
    return field === undefined
      ? [`${prefix}${name} is not in the table`]
      : faultsOfField(`${prefix}${name}`, field, value);
  });
  return [...missing.map(([name]) => `${prefix}${name} is missing`), ...found];
}

/** @returns what of a record is not as the table says; nothing where all is. */
export function faultsOfRecord(record: Facts): readonly string[] {
  const name = String(record['event']);
  const spec = (events as Readonly<Record<string, EventSpec>>)[name];
  if (spec === undefined) return [`${name}: is not in the table`];
  if (typeof record['shortened'] === 'string') return [];
  const fields = Object.fromEntries(Object.entries(spec.fields).map(([field, of]) => [writtenAs(field), of]));
  const own = Object.fromEntries(Object.entries(record).filter(([field]) => !ofAll.has(field)));
  return faultsOfFields('', fields, own).map((fault) => `${name}: ${fault}`);
}

function parsed(line: string): readonly Facts[] {
  try {
    const record: unknown = JSON.parse(line);
    return isObject(record) ? [record] : [];
  } catch {
    return [];
  }
}

/**
 * Of the records of a journal since an instant: what is no record, or is older, a test put there itself.
 * @throws Error that names each fault once.
 */
export function checkJournal(path: string, since: number): void {
  if (!existsSync(path)) return;
  const records = readFileSync(path, 'utf8').split('\n').flatMap(parsed);
  const ours = records.filter(({ at }) => typeof at === 'string' && Date.parse(at) >= since);
  const faults = new Set(ours.flatMap(faultsOfRecord));
  if (faults.size > 0) throw new Error(`${path} is not as src/core/events says:\n${[...faults].join('\n')}`);
}
