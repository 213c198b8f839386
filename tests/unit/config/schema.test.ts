import { readFile } from 'node:fs/promises';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { parseConfig } from '../../../src/config/load.ts';
import { configJsonSchema } from '../../../src/config/schema.ts';
import { options } from './sample.ts';

const fromTop = (path: string): Promise<string> => readFile(new URL(`../../../${path}`, import.meta.url), 'utf8');

type Json = Readonly<Record<string, unknown>>;
const isJson = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Every named key of a schema with its own schema; names that the admin chooses (sessions, peers) stand as `*`. */
function keysOf(schema: unknown, path = ''): [string, Json][] {
  if (!isJson(schema)) return [];
  const alternatives = Array.isArray(schema['anyOf']) ? schema['anyOf'] : [];
  const named = isJson(schema['properties']) ? Object.entries(schema['properties']) : [];
  return [
    ...alternatives.flatMap((one) => keysOf(one, path)),
    ...named.flatMap(([key, below]): [string, Json][] => [
      [`${path}.${key}`, below as Json],
      ...keysOf(below, `${path}.${key}`),
    ]),
    ...keysOf(schema['items'], `${path}[]`),
    ...keysOf(schema['additionalProperties'], `${path}.*`),
  ];
}

/** Every key of a value in the same notation; names under `*` of the schema are written as such. */
function pathsOf(value: unknown, known: ReadonlySet<string>, path = ''): string[] {
  if (Array.isArray(value)) return value.flatMap((item) => pathsOf(item, known, `${path}[]`));
  if (!isJson(value)) return [];
  return Object.entries(value).flatMap(([key, below]) => {
    const named = `${path}.${key}`;
    const open = [...known].some((one) => one.startsWith(`${path}.*`));
    const here = known.has(named) || !open ? named : `${path}.*`;
    return [here, ...pathsOf(below, known, here)];
  });
}

describe('the JSON schema', () => {
  test('docs/config.schema.json is current (tsx scripts/config-schema.ts --write)', async () => {
    expect(JSON.parse(await fromTop('docs/config.schema.json'))).toEqual(configJsonSchema());
  });

  test('every key has a description', () => {
    for (const [path, schema] of keysOf(configJsonSchema()))
      expect({ path, text: schema['description'] }).toEqual({ path, text: expect.stringMatching(/^\S.*\.$/) });
  });

  test('every weakening option has a loud name and description', () => {
    for (const [path, schema] of keysOf(configJsonSchema())) {
      const weakens = String(schema['description']).startsWith('WEAKENS');
      expect([path, weakens]).toEqual([path, /\.insecure_[a-z_]+$/.test(path)]);
    }
  });
});

describe('deploy/config.yaml.example', () => {
  test('is accepted as it stands', async () => {
    expect(Object.keys(parseConfig(await fromTop('deploy/config.yaml.example'), options).sessions)).toEqual([
      'prod-db',
    ]);
  });

  test('has no key that the schema lacks, and names every key of the schema', async () => {
    const text = await fromTop('deploy/config.yaml.example');
    const known = new Set(keysOf(configJsonSchema()).map(([path]) => path));
    const open = new Set([...known, '.sessions.*', '.peers.*', '.on_call.*', '.tickets.*']);
    for (const path of pathsOf(parse(text), known)) expect(open).toContain(path);
    for (const path of known) expect(text).toMatch(new RegExp(`\\b${path.split('.').at(-1) ?? ''}:`));
  });
});
