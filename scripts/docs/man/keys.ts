// The keys of the policy as one list, from its JSON schema: path, type, default, meaning.
import { z } from 'zod';
import { parameterForm } from '../../../src/config/code-flow-schema.ts';
import {
  account,
  domain,
  durationHint,
  hostForm,
  hostPatternForm,
  instantHint,
  mailAddress,
  path,
  sessionForm,
  sizeHint,
} from '../../../src/config/fields.ts';
import { labelForm } from '../../../src/core/host-pattern.ts';
import { keepHint, recipientForm } from '../../../src/config/keep-schema.ts';
import { plainForm } from '../../../src/config/on-call-schema.ts';
import { configJsonSchema } from '../../../src/config/schema.ts';

export interface Key {
  /** `sessions.NAME.window.max`: NAME is what the admin chooses, `[]` an entry of a list. */
  readonly path: string;
  readonly type: string;
  readonly required: boolean;
  /** As it is written in the file; undefined without one. */
  readonly byDefault: string | undefined;
  readonly meaning: string;
  /** The keys beside which alone it may stand; empty: always. */
  readonly beside: readonly string[];
  /** Keys of which exactly one is there, this one among them; empty: none. */
  readonly oneOf: readonly string[];
}

type Schema = z.core.JSONSchema.BaseSchema;

const patternOf = (schema: z.ZodType): string => z.toJSONSchema(schema).pattern ?? '';

const forms: ReadonlyMap<string, string> = new Map([
  [durationHint.pattern, 'duration'],
  [instantHint.pattern, 'instant in UTC'],
  [sizeHint.pattern, 'size'],
  [keepHint.pattern, 'duration, or `forever`'],
  [recipientForm.source, 'recipient of age'],
  [patternOf(path), 'absolute path'],
  [patternOf(account), 'account'],
  [patternOf(domain), 'domain'],
  [patternOf(mailAddress), 'mail address'],
  [hostForm.source, 'host name'],
  [hostPatternForm.source, 'pattern of hosts'],
  [labelForm.source, 'label'],
  [sessionForm.source, 'session name'],
  [plainForm.source, 'name'],
  [parameterForm.source, 'name of a parameter'],
]);

const urlLength = 2048; // src/config/fields.ts

const choice = (names: readonly string[]): string => names.join(', ').replace(/, (?=[^,]*$)/, ' or ');

const plural = (type: string): string => (/[a-z]$/.test(type) ? type.replace(/ss$/, 'sse').concat('s') : type);

function typeOf(schema: Schema): string {
  if (schema.const !== undefined) return `\`${String(schema.const)}\``;
  if (schema.enum !== undefined) return choice(schema.enum.map((value) => `\`${String(value)}\``));
  if (schema.anyOf !== undefined) return choice([...new Set(schema.anyOf.map((one) => typeOf(one)))]);
  if (schema.type === 'boolean') return '`true` or `false`';
  if (schema.type === 'integer') return `whole number from ${schema.minimum} to ${schema.maximum}`;
  if (schema.type === 'array') return `list of ${plural(typeOf(schema.items as Schema))}`;
  if (schema.type !== 'object') return textOf(schema);
  return schema.propertyNames === undefined ? 'mapping' : `mapping, by ${typeOf(schema.propertyNames as Schema)}`;
}

function textOf({ pattern, maxLength }: Schema): string {
  if (pattern !== undefined) {
    const form = forms.get(pattern);
    if (form === undefined) throw new Error(`no name for the form ${pattern}: scripts/docs/man/keys.ts`);
    return form;
  }
  return maxLength === urlLength ? 'URL' : 'text';
}

/** Lists and mappings hold entries with keys of their own; everything else has none. */
function childrenOf(schema: Schema, at: string): readonly Key[] {
  if (schema.anyOf !== undefined) return variantsOf(schema.anyOf, at);
  if (schema.type === 'array') return childrenOf(schema.items as Schema, `${at}[]`);
  const { properties = {}, required = [], additionalProperties } = schema;
  const named = typeof additionalProperties === 'object' ? childrenOf(additionalProperties, `${at}.NAME`) : [];
  const keys = Object.entries(properties).flatMap(([name, child]) =>
    keyOf(child as Schema, at === '' ? name : `${at}.${name}`, required.includes(name)),
  );
  return [...named, ...keys];
}

function keyOf(schema: Schema, at: string, required: boolean): readonly Key[] {
  const key: Key = {
    path: at,
    type: typeOf(schema),
    required,
    byDefault: defaultOf(schema.default),
    meaning: schema.description ?? '',
    beside: [],
    oneOf: [],
  };
  return [key, ...childrenOf(schema, at)];
}

/** An empty mapping or list by default is what its own keys say, or nothing. */
function defaultOf(value: unknown): string | undefined {
  if (Array.isArray(value)) return value.length === 0 ? undefined : `[${value.join(', ')}]`;
  return value === undefined || typeof value === 'object' ? undefined : JSON.stringify(value).replaceAll('"', '');
}

interface Form {
  /** The key that this form alone has: the first that it requires. */
  readonly name: string;
  readonly keys: readonly Key[];
}

/** The keys of several forms, each once; one that not all forms have says beside which it stands. */
function variantsOf(variants: readonly Schema[], at: string): readonly Key[] {
  const forms = variants
    .map((variant): Form => ({ name: variant.required?.[0] ?? '', keys: childrenOf(variant, at) }))
    .filter(({ keys }) => keys.length > 0);
  const paths = new Set(forms.flatMap((form) => form.keys.map((key) => key.path)));
  return [...paths].map((path) => variantKey(path, forms, at));
}

function variantKey(path: string, forms: readonly Form[], at: string): Key {
  const having = forms.flatMap(({ name, keys }) =>
    keys.filter((key) => key.path === path).map((key) => ({ name, key })),
  );
  const [first] = having;
  if (first === undefined) throw new Error(`no form has ${path}`);
  const names = having.map(({ name }) => name);
  const meanings = having.map(({ key }) => key.meaning);
  const meaning = new Set(meanings).size === 1 ? meanings[0] : meanings.map(besideOf(names)).join(' ');
  const isName = forms.length > 1 && names.some((name) => path === `${at}.${name}`);
  const isInside = names.some((name) => path.startsWith(`${at}.${name}`));
  const key: Key = { ...first.key, meaning: meaning ?? '' };
  if (isName) return { ...key, oneOf: forms.map(({ name }) => name) };
  return having.length === forms.length || isInside ? key : { ...key, beside: names };
}

const besideOf = (names: readonly string[]) => (meaning: string, index: number) =>
  `Beside \`${names[index]}\`: ${meaning}`;

export const keys: readonly Key[] = childrenOf(configJsonSchema(), '');
