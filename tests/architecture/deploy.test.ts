// What deploy/ has for Ansible, cloud-init and compose fits the product: answers that init reads, a policy that the keeper takes.
import { describe, expect, test } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { parseConfig } from '../../src/config/load.ts';
import { readAnswers } from '../../src/setup/answers-file.ts';
import { reservedNames } from '../../src/wire/verbs.ts';
import { top } from './sources.ts';

const read = (path: string): string => readFileSync(join(top, 'deploy', path), 'utf8');
const role = 'ansible/roles/tmux_gate';

describe('the Ansible role', () => {
  const defaults = parse(read(`${role}/defaults/main.yml`)) as Readonly<Record<string, unknown>>;
  const { options } = (
    parse(read(`${role}/meta/argument_specs.yml`)) as {
      argument_specs: { main: { options: Readonly<Record<string, { default: unknown }>> } };
    }
  ).argument_specs.main;
  const [, shown = ''] = /^```yaml\n(.*?)^```$/ms.exec(read('ansible/README.md')) ?? [];
  const example = parse(shown) as Readonly<Record<string, unknown>> & { readonly tmux_gate_policy: object };

  test('says of each variable what it is by default', () => {
    const said = Object.fromEntries(Object.entries(options).map(([name, option]) => [name, option.default]));
    expect(said).toEqual(defaults);
  });

  test('has the variables that its README shows', () => {
    expect(Object.keys(defaults)).toEqual(expect.arrayContaining(Object.keys(example)));
  });

  test('writes a policy that the keeper takes', () => {
    const { sessions } = parseConfig(stringify({ ...example.tmux_gate_policy, host: 'prod-box' }), { reservedNames });
    expect(Object.keys(sessions)).toEqual(['prod-db']);
  });
});

interface UserData {
  readonly write_files: readonly { readonly path: string; readonly permissions: string; readonly content: string }[];
}
const userData = read('cloud-init/user-data.yaml');
const [cloudAnswers] = (parse(userData) as UserData).write_files;

test.each([
  ['cloud-init', cloudAnswers?.content ?? ''],
  ['compose', read('compose/trial/answers.yaml')],
])('init reads the answers of %s', async (_, text) => {
  const folder = mkdtempSync(join(tmpdir(), 'tmux-gate-deploy-'));
  try {
    const path = join(folder, 'answers.yaml');
    writeFileSync(path, text);
    expect(await readAnswers(path)).toMatchObject({ session: { run_as: 'dba' }, oidc: { client_id: 'tmux-gate' } });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test('user data is for cloud-init, and has no secret', () => {
  expect(userData.split('\n')[0]).toBe('#cloud-config');
  expect(userData).not.toMatch(/^[^#]*client_secret/m);
});

test('packages have the name of this version', () => {
  const { version } = JSON.parse(readFileSync(join(top, 'package.json'), 'utf8')) as { readonly version: string };
  for (const path of ['cloud-init/user-data.yaml', 'ansible/README.md'])
    expect(read(path)).toContain(`tmux-gate_${version}_amd64.deb`);
});

test('images come from Docker Hub, by names without a host', () => {
  const compose = parse(read('compose/compose.yaml')) as { services: Readonly<Record<string, { image?: string }>> };
  const images = [...read('compose/Containerfile').matchAll(/^FROM (\S+)/gm)].map(([, image]) => image ?? '');
  const all = [...images, ...Object.values(compose.services).flatMap(({ image }) => image ?? [])];
  expect(all).toEqual(['debian:12']);
});
