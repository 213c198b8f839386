// Checks the groups claim of the newest sign-ins, by what the keeper wrote into the journal: the provider has no document about it, and
// the doctor has no token. Whether the journal is unchanged is another check (host-journal, `audit verify`).
import { wholeEnd } from '../adapters/journal/end.ts';
import { type JournalRecord, journalName, readRecords } from '../adapters/journal/read.ts';
import { refusal } from '../core/refusal.ts';
import { sanitizeLine } from '../core/text.ts';
import { day } from '../core/time.ts';
import { ok, orOk, unknown, warn, type Check, type Finding } from './check.ts';
import { statOf } from './look.ts';

/** How much of the journal's end is read, in bytes: some thousand records. The file grows for years. */
const newestBytes = 1024 * 1024;
/** Older sign-ins are ignored, in milliseconds: the provider may have been repaired since. */
const newsMs = 7 * day;

const text = (value: unknown): string => (typeof value === 'string' ? sanitizeLine(value, 64) : '');

/** Whether a record tells in which form the groups claim of its login came. */
function tells({ event, code }: JournalRecord): boolean {
  if (event === 'sign-in' || event === 'proved-anew') return true;
  return (event === 'refused' || event === 'refused-again') && code === 'GROUPS_OVERAGE';
}

/**
 * Findings about the newest record of each login.
 * @param records in their order.
 * @param claim the name of the groups claim.
 * @param now milliseconds since the epoch.
 */
export function groupsFindings(records: readonly JournalRecord[], claim: string, now: number): readonly Finding[] {
  const newest = new Map<string, JournalRecord>();
  for (const record of records)
    if (tells(record) && now - Date.parse(text(record['at'])) < newsMs) newest.set(text(record['login']), record);
  const wrong = [...newest].flatMap(([login, record]) => groupsFinding(record, claim, login) ?? []);
  return orOk(wrong, newest.size === 0 ? 'nobody has signed in lately' : 'it could be read at the newest sign-ins');
}

function groupsFinding({ code, unreadGroups }: JournalRecord, claim: string, login: string): Finding | undefined {
  if (code === 'GROUPS_OVERAGE')
    return warn(
      'the provider left the groups out of a sign-in: there are more than fit, and it was refused (GROUPS_OVERAGE)',
      refusal('GROUPS_OVERAGE').hint.replace(/^.*?: /, ''),
      login,
    );
  if (unreadGroups === undefined) return undefined;
  return warn(
    `the claim "${sanitizeLine(claim, 64)}" came as a ${text(unreadGroups)}, which names no group, so these people get no access`,
    'have the provider send a list of strings, one string, or an object whose keys are the groups; or name another claim in oidc.claims.groups',
    login,
  );
}

export const groups: Check = {
  id: 'provider-groups',
  about:
    'the groups claim of the newest sign-ins came in a form that tmux-gate can read (by the last records of the journal)',
  look: async (scene) => {
    const { claims } = (await scene.config()).oidc;
    const { journal } = scene.layout;
    const path = `${journal}/${journalName}`;
    if ((await statOf(path)) === undefined)
      return [unknown('there is no journal yet', 'start the keeper once: systemctl start tmux-gate')];
    const end = await wholeEnd(path);
    if (end === 0) return [ok('nobody has signed in lately')];
    const from = Math.max(0, end - newestBytes);
    const records: JournalRecord[] = [];
    for await (const record of readRecords(journal, tells, end, from)) records.push(record);
    return groupsFindings(records, claims.groups, Date.now());
  },
};
