// Checks that logins can do nothing to a gate's process, and that the attempts themselves work.
import { expect } from '@jest/globals';
import type { Host } from '../../scripts/sandbox/host.ts';
import { attack, isGate, perlAs, asAccount } from './around.ts';

/** Expects that neither alice's nor another login can signal, trace or read this process. */
export async function expectUntouchable(host: Host, pid: number): Promise<void> {
  await proveHands(host);
  for (const { login } of [host.people.alice, host.people.mallory]) {
    expect({ login, stdout: (await perlAs(login, attack(pid))).stdout }).toEqual({ login, stdout: 'done' });
  }
  expect(isGate(host.layout, pid)).toBe(true);
}

/** Checks that the attempts succeed on a process of the login's own. @throws Error when they do not */
async function proveHands({ people: { alice } }: Host): Promise<void> {
  const own = attack(0).filter((line) => !line.includes('my $pid') && !line.includes('KILL'));
  const script = ['my $pid = fork; if (!$pid) { sleep 60; exit }', ...own, 'kill "KILL", $pid;'];
  const { stdout } = await asAccount(alice.login, ['perl', '-e', script.join('\n')]);
  if (stdout !== 'ptrace environ maps fd done') throw new Error(`the tries do not work: ${stdout}`);
}
