// The Ansible role as Ansible's own tools see it. What it does on a host is run by `./scripts/fresh-host --ansible`.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { outcome, type Outcome } from '../../scripts/sandbox/exec.ts';
import { repo } from '../../scripts/sandbox/layout.ts';

const role = join(repo, 'deploy/ansible');
let home = '';

beforeAll(() => void (home = mkdtempSync(join(tmpdir(), 'tmux-gate-ansible-role-'))));
afterAll(() => rmSync(home, { recursive: true, force: true }));

const ansible = async (program: string, ...words: readonly string[]): Promise<Outcome> =>
  outcome(program, words, { env: { HOME: home, ANSIBLE_NOCOLOR: '1' }, timeoutMs: 110_000 });

test('ansible-lint finds nothing, with the profile for production', async () => {
  const config = join(role, '.ansible-lint');
  const { code, stdout, stderr } = await ansible(
    'ansible-lint',
    '--nocolor',
    '-c',
    config,
    '--project-dir',
    role,
    role,
  );
  expect(`${stdout}${stderr}`).toContain('Passed with production profile: 0 failure(s), 0 warning(s)');
  expect(code).toBe(0);
});

test('ansible-playbook reads all of it', async () => {
  const { code, stderr } = await ansible(
    'ansible-playbook',
    '--syntax-check',
    '-i',
    'tmux_gate,',
    join(role, 'site.yml'),
  );
  expect({ code, stderr }).toEqual({ code: 0, stderr: expect.not.stringContaining('ERROR') });
});

test('ansible-doc shows the variables of the role', async () => {
  const { code, stdout } = await ansible('ansible-doc', '-t', 'role', '-r', join(role, 'roles'), 'tmux_gate');
  expect(code).toBe(0);
  expect(stdout).toMatch(
    /tmux_gate_policy[\s\S]*tmux_gate_remove_evidence|tmux_gate_remove_evidence[\s\S]*tmux_gate_policy/,
  );
});
