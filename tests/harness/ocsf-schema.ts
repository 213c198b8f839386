// The schemas of OCSF 1.8 for the classes that are exported (tests/unit/core/ocsf/schema-1.8), and what is wrong with an event by them.
import { Ajv } from 'ajv';
import { readFileSync, readdirSync } from 'node:fs';

const ajv = new Ajv({ allErrors: true, strictTypes: false });
const folder = new URL('../unit/core/ocsf/schema-1.8/', import.meta.url);
const validators = new Map(
  readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .map((file) => {
      const schema = JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as {
        properties: { class_uid: { const: number } };
      };
      return [schema.properties.class_uid.const, ajv.compile(schema)] as const;
    }),
);

/** @returns undefined for a valid event */
export function faultsOf(event: Readonly<Record<string, unknown>>): unknown {
  const validate = validators.get(event['class_uid'] as number);
  if (validate === undefined) return `no schema of class ${String(event['class_uid'])}`;
  return validate(event) ? undefined : validate.errors;
}
