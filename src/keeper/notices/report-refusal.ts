// Reports a refusal: to the person, to the journal, and its cause to the log alone (laws 1, 11).
import { asRefused, type Refused, refusal, type Refusal } from '../../core/refusal.ts';
import { sanitizeLine } from '../../core/text.ts';
import type { Hello } from '../../wire/messages.ts';
import { toType } from '../../wire/to-type.ts';
import type { Alarms } from './alarms.ts';
import type { Log } from '../../adapters/log.ts';
import type { RefusalLog } from './refusal-log.ts';

export interface ReportRefusalDeps {
  readonly host: string;
  readonly alarms: Alarms;
  readonly log: Log;
  readonly refusalLog: RefusalLog;
}

/** Errors of a disk that is full, read-only or failing (errno(3)): an admin can repair that, so the refusal must name it. */
const diskFaults: ReadonlySet<unknown> = new Set(['ENOSPC', 'EDQUOT', 'EROFS', 'EIO']);

function refusedOf({ host }: ReportRefusalDeps, error: unknown): Refused {
  const isDisk = error instanceof Error && diskFaults.has((error as NodeJS.ErrnoException).code);
  return asRefused(error, isDisk ? 'DISK_DOWN' : 'INTERNAL', { host });
}

/** What failed, in whose conversation, and for which command. */
export interface Failure {
  readonly hello: Hello;
  readonly command: string;
  readonly error: unknown;
}

/**
 * Tells, logs and journals a failure; an error that is no refusal becomes INTERNAL, or DISK_DOWN. Never rejects.
 * @param tell called with the refusal first, before the journal can take its time.
 */
export async function writeRefusal(
  deps: ReportRefusalDeps,
  { hello, command, error }: Failure,
  tell: (refusal: Refusal) => void,
): Promise<void> {
  const refused = refusedOf(deps, error);
  const { code, cause } = refused;
  deps.alarms.raiseFor(code);
  const login = sanitizeLine(hello.login, 64);
  deps.log[code === 'INTERNAL' ? 'error' : 'info']('refused', { login, code, cause });
  const told = refusal(code, { host: deps.host, ...refused.names });
  tell({ ...told, hint: toType(told.hint, { host: deps.host, local: hello.kind === 'local' }) });
  const visit = {
    login,
    address: sanitizeLine(hello.address.split(' ')[0] ?? '', 64),
    code,
    command: sanitizeLine(command, 200),
    ...(refused.names['claim'] === undefined ? {} : { claim: sanitizeLine(String(refused.names['claim']), 120) }),
  };
  await deps.refusalLog
    .write(visit)
    .catch((problem: unknown) => deps.log.error('refusal-not-journaled', { error: problem }));
}
