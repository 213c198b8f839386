// Whatever goes wrong is one refusal: told to the person, journaled, with its cause in the log alone (laws 1, 11).
import { refusal, Refused, type Refusal } from '../core/refusal.ts';
import { line } from '../core/text.ts';
import type { Hello } from '../wire/messages.ts';
import { toType } from '../wire/to-type.ts';
import { alarm } from './alarms.ts';
import type { House } from './house.ts';

/** What a disk says that is full, read-only or failing (errno(3)): somebody can mend that, and must be told. */
const diskFaults: ReadonlySet<unknown> = new Set(['ENOSPC', 'EDQUOT', 'EROFS', 'EIO']);

function asRefused({ host }: House, error: unknown): Refused {
  if (error instanceof Refused) return error;
  const isDisk = error instanceof Error && diskFaults.has((error as NodeJS.ErrnoException).code);
  return new Refused(isDisk ? 'DISK_DOWN' : 'INTERNAL', { host }, error);
}

/** @param tell the person, before anything that may take its time. */
export async function writeRefusal(
  house: House,
  hello: Hello,
  command: string,
  error: unknown,
  tell: (refusal: Refusal) => void,
): Promise<void> {
  const refused = asRefused(house, error);
  const { code, cause } = refused;
  alarm(house, code);
  const login = line(hello.login, 64);
  house.log[code === 'INTERNAL' ? 'error' : 'info']('refused', { login, code, cause });
  const told = refusal(code, { host: house.host, ...refused.names });
  tell({ ...told, hint: toType(told.hint, { host: house.host, local: hello.kind === 'local' }) });
  const visit = {
    login,
    address: line(hello.address.split(' ')[0] ?? '', 64),
    code,
    command: line(command, 200),
    ...(refused.names['claim'] === undefined ? {} : { claim: line(String(refused.names['claim']), 120) }),
  };
  await house.ledger
    .write(visit)
    .catch((problem: unknown) => house.log.error('refusal-not-journaled', { error: problem }));
}
