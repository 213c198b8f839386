// All checks, in the order in which they are shown. docs/doctor.md is generated from this list (scripts/doctor-table.ts).
import type { Check } from './check.ts';
import { decisionChecks } from './decisions.ts';
import { fileChecks } from './files.ts';
import { config, hostChecks } from './host.ts';
import { journalChecks } from './journal.ts';
import { kernelChecks } from './kernel.ts';
import { loginChecks } from './logins.ts';
import { providerChecks } from './provider.ts';
import { recordingChecks } from './recordings.ts';
import { redisChecks } from './redis.ts';
import { sessionChecks } from './sessions.ts';
import { sshdChecks } from './sshd.ts';
import { sudoChecks } from './sudo.ts';
import { toolChecks } from './tools.ts';
import { witnessChecks } from './witness.ts';

export const checks: readonly Check[] = [
  config,
  ...hostChecks,
  ...witnessChecks,
  ...loginChecks,
  ...sshdChecks,
  ...sudoChecks,
  ...fileChecks,
  ...sessionChecks,
  ...decisionChecks,
  ...journalChecks,
  ...recordingChecks,
  ...redisChecks,
  ...providerChecks,
  ...kernelChecks,
  ...toolChecks,
];
