// Whether the accounts of the sessions are there. A keeper starts without them, but their sessions could not be opened.
import { noAccount } from '../core/messages/policy-check.ts';
import type { Config } from '../core/policy-types.ts';
import { sanitizeLine } from '../core/text.ts';
import type { Problem } from './problem.ts';

/** A problem for each session whose account is missing. @param find looks an account up by its name */
export async function missingAccounts(
  { sessions }: Pick<Config, 'sessions'>,
  find: (name: string) => Promise<object | undefined>,
): Promise<readonly Problem[]> {
  const problems = await Promise.all(
    Object.values(sessions).map(async ({ name, runAs }) => {
      const problem = noAccount(sanitizeLine(runAs, 64));
      return (await find(runAs)) === undefined ? [{ path: `sessions.${name}.run_as`, problem }] : [];
    }),
  );
  return problems.flat();
}
