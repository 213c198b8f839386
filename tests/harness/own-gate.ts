// Laying hands on a gate, and the proof that the hands are real.
import { expect } from '@jest/globals';
import type { Host } from '../../scripts/sandbox/host.ts';
import { attack, isGate, perlAs, asAccount } from './around.ts';

/** Neither the login itself nor another one does anything to this process: only "done" is printed. */
export async function expectUntouchable(host: Host, pid: number): Promise<void> {
  await proveHands(host);
  for (const { login } of [host.people.alice, host.people.mallory]) {
    expect({ login, stdout: (await perlAs(login, attack(pid))).stdout }).toEqual({ login, stdout: 'done' });
  }
  expect(isGate(host.layout, pid)).toBe(true);
}

/** A process of the login's own can be taken apart: the tries work where nothing stands in their way. */
async function proveHands({ people: { alice } }: Host): Promise<void> {
  const own = attack(0).filter((line) => !line.includes('my $pid') && !line.includes('KILL'));
  const script = ['my $pid = fork; if (!$pid) { sleep 60; exit }', ...own, 'kill "KILL", $pid;'];
  const { stdout } = await asAccount(alice.login, ['perl', '-e', script.join('\n')]);
  if (stdout !== 'ptrace environ maps fd done') throw new Error(`the tries do not work: ${stdout}`);
}
