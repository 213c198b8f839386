// Turns the schema's issues into sentences for an admin: what is wrong, and what would be right.
import type * as z from 'zod';
import { quote, type Finding, type Path } from './problem.ts';
import { configJsonSchema } from './schema.ts';

type Issue = z.core.$ZodIssue;
type Json = Readonly<Record<string, unknown>>;

/** A finding for each issue. The issues must come from a parse with `reportInput: true`. */
export function explain(issues: readonly Issue[]): Finding[] {
  const schema = configJsonSchema();
  return issues.flatMap((issue) => findings(issue, schema));
}

function findings(issue: Issue, schema: Json): Finding[] {
  const path = issue.path.map((step) => (typeof step === 'number' ? step : String(step)));
  if (issue.code === 'unrecognized_keys') {
    const known = keysAt(schema, path);
    return issue.keys.map((key) => ({ path: [...path, key], problem: unknownKey(key, known) }));
  }
  if (issue.code === 'invalid_union') return fromUnion(issue, path, schema);
  return [{ path, problem: sentence(issue, schemaAt(schema, path)) }];
}

/** The findings for the alternative whose type the value has; if there is none, what the alternatives are. */
function fromUnion(issue: z.core.$ZodIssueInvalidUnion, path: Path, schema: Json): Finding[] {
  const [meant] = issue.errors
    .filter((issues) => !issues.some(({ path: below, code }) => below.length === 0 && isOfType(code)))
    .sort((a, b) => weight(a) - weight(b));
  if (meant === undefined)
    return [{ path, problem: `This has the wrong type. It is: ${describe(schemaAt(schema, path))}` }];
  return meant.flatMap((inner) => findings({ ...inner, path: [...path, ...inner.path] }, schema));
}

/** How badly a value fits an alternative: of two mappings, the one with more of its keys was meant. */
function weight(issues: readonly Issue[]): number {
  return issues.reduce((sum, issue) => sum + (issue.code === 'unrecognized_keys' ? issue.keys.length : 1), 0);
}

function isOfType(code: Issue['code']): boolean {
  return code === 'invalid_type' || code === 'invalid_value';
}

function sentence(issue: Issue, schema: Json): string {
  switch (issue.code) {
    case 'invalid_type':
      return wrongType(issue, schema);
    case 'invalid_value':
      return wrongWord(issue);
    case 'invalid_key':
      return issue.issues[0]?.message ?? 'This key is not allowed here.';
    case 'too_small':
      return tooSmall(issue);
    case 'too_big':
      return issue.origin === 'string' ? issue.message : `This is too much; the most allowed is ${issue.maximum}.`;
    case 'custom':
    case 'invalid_format':
    case 'not_multiple_of':
    case 'unrecognized_keys':
    case 'invalid_union':
    case 'invalid_element':
      return issue.message;
  }
}

const wanted: Readonly<Record<string, string>> = {
  string: 'text; put it in quotes',
  array: 'a list, such as [a, b]',
  object: 'a mapping of keys and values',
  record: 'a mapping of names and values',
  boolean: 'true or false, without quotes',
  int: 'a whole number',
  number: 'a whole number, without quotes',
};

function wrongType(issue: z.core.$ZodIssueInvalidType, schema: Json): string {
  if (issue.input === undefined) return `This key is missing. It is: ${describe(schema)}`;
  // Some fields, such as durations, have better messages of their own.
  if (!issue.message.startsWith('Invalid input')) return issue.message;
  const found = issue.input === null ? 'is empty; it must be' : 'must be';
  return `This ${found} ${wanted[issue.expected] ?? issue.expected}.`;
}

function wrongWord(issue: z.core.$ZodIssueInvalidValue): string {
  const words = issue.values.map(String);
  const input = issue.input;
  const hint = typeof input === 'string' ? didYouMean(input, words) : '';
  return `${typeof input === 'string' ? `${quote(input)} is unknown` : 'This is not one of the words'}; write ${words.join(' or ')}.${hint}`;
}

function tooSmall(issue: z.core.$ZodIssueTooSmall): string {
  if (issue.origin === 'array') return 'This list is empty; name at least one.';
  return issue.origin === 'string' ? issue.message : `This is too little; the least allowed is ${issue.minimum}.`;
}

function unknownKey(key: string, known: readonly string[]): string {
  const hint = didYouMean(key, known);
  return hint === '' ? `This key is unknown here; known are ${known.join(', ')}.` : `This key is unknown.${hint}`;
}

function didYouMean(word: string, known: readonly string[]): string {
  const limit = word.length < 5 ? 1 : 2;
  const near = known.map((other) => ({ other, far: distance(word.toLowerCase().replaceAll('-', '_'), other) }));
  const [best] = near.filter(({ far }) => far <= limit).sort((a, b) => a.far - b.far);
  return best === undefined ? '' : ` Did you mean ${quote(best.other)}?`;
}

/** Edit distance (Levenshtein) of two words, each cut at 40 characters. */
function distance(from: string, to: string): number {
  let row = Array.from({ length: Math.min(to.length, 40) + 1 }, (_, index) => index);
  for (const [i, a] of Array.from(from.slice(0, 40)).entries()) {
    const next = [i + 1];
    for (const [j, b] of Array.from(to.slice(0, 40)).entries()) {
      next.push(Math.min((next[j] ?? 0) + 1, (row[j + 1] ?? 0) + 1, (row[j] ?? 0) + (a === b ? 0 : 1)));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}

function describe(schema: Json): string {
  return typeof schema['description'] === 'string' ? schema['description'] : 'required.';
}

function keysAt(schema: Json, path: Path): string[] {
  const at = schemaAt(schema, path);
  return alternatives(at).flatMap((one) => Object.keys(asJson(one['properties'])));
}

/** The JSON schema of the value at a path; empty when there is none. */
function schemaAt(schema: Json, path: Path): Json {
  return path.reduce<Json>((at, step) => {
    const below = alternatives(at).map((one) => stepInto(one, step));
    return below.find((one) => Object.keys(one).length > 0) ?? {};
  }, schema);
}

function stepInto(schema: Json, step: string | number): Json {
  if (typeof step === 'number') return asJson(schema['items']);
  const properties = asJson(schema['properties']);
  return Object.hasOwn(properties, step) ? asJson(properties[step]) : asJson(schema['additionalProperties']);
}

function alternatives(schema: Json): readonly Json[] {
  return Array.isArray(schema['anyOf']) ? (schema['anyOf'] as readonly unknown[]).map(asJson) : [schema];
}

function asJson(value: unknown): Json {
  return typeof value === 'object' && value !== null ? (value as Json) : {};
}
