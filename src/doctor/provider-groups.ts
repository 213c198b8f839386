// Checks what the newest sign-ins brought, groups and refresh tokens, by what the keeper wrote into the journal: the provider has no document
// about it, and the doctor has no token. Whether the journal is unchanged is another check (host-journal, `audit verify`).
import { wholeEnd } from '../adapters/journal/end.ts';
import { type JournalRecord, journalName, readRecords } from '../adapters/journal/read.ts';
import type { OidcPolicy } from '../core/policy-types.ts';
import { noGroupsAdvice, noRefreshAdvice } from '../core/provider-advice.ts';
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

/** What the findings are about. */
type Asked = Pick<OidcPolicy, 'issuer'> & { readonly claims: Pick<OidcPolicy['claims'], 'groups' | 'groupsFile'> };

/** The newest record of each login that counts, and is not too old. @param records in their order */
function newestOf(
  records: readonly JournalRecord[],
  counts: (record: JournalRecord) => boolean,
  now: number,
): ReadonlyMap<string, JournalRecord> {
  const newest = new Map<string, JournalRecord>();
  for (const record of records)
    if (counts(record) && now - Date.parse(text(record['at'])) < newsMs) newest.set(text(record['login']), record);
  return newest;
}

const nobody = 'nobody has signed in lately';

/**
 * Findings about the groups of the newest record of each login.
 * @param records in their order.
 * @param now milliseconds since the epoch.
 */
export function groupsFindings(records: readonly JournalRecord[], oidc: Asked, now: number): readonly Finding[] {
  const { groups: claim, groupsFile } = oidc.claims;
  if (groupsFile !== undefined) return [ok('a file of this host lists the groups (oidc.claims.groups_file)')];
  const newest = newestOf(records, tells, now);
  const wrong = [...newest].flatMap(([login, record]) => groupsFinding(record, claim, login) ?? []);
  return orOk(
    [...wrong, ...lacking(newest, oidc)],
    newest.size === 0 ? nobody : 'it could be read at the newest sign-ins',
  );
}

/** Some providers leave the claim out for a person without groups, so only one that nobody has is a fault. */
function lacking(newest: ReadonlyMap<string, JournalRecord>, { issuer, claims }: Asked): readonly Finding[] {
  const all = [...newest.values()];
  if (all.length === 0 || !all.every(({ lacksGroups }) => lacksGroups === true)) return [];
  const { say, hint } = noGroupsAdvice(issuer, claims.groups);
  return [warn(say, hint)];
}

/** Findings about the refresh token of the newest sign-in of each login. @param now milliseconds since the epoch */
export function refreshFindings(records: readonly JournalRecord[], issuer: string, now: number): readonly Finding[] {
  const newest = newestOf(records, ({ event }) => event === 'sign-in', now);
  const { say, hint } = noRefreshAdvice(issuer);
  const without = [...newest].filter(([, { noRecheck }]) => noRecheck === true);
  return orOk(
    without.map(([login]) => warn(say, hint, login)),
    newest.size === 0 ? nobody : 'the newest sign-ins came with refresh tokens',
  );
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

/** The newest records about sign-ins; a finding where the journal cannot be read. */
async function newestRecords(journal: string): Promise<readonly JournalRecord[] | Finding> {
  const path = `${journal}/${journalName}`;
  if ((await statOf(path)) === undefined)
    return unknown('there is no journal yet', 'start the keeper once: systemctl start tmux-gate');
  const end = await wholeEnd(path);
  if (end === 0) return [];
  const records: JournalRecord[] = [];
  for await (const record of readRecords(journal, tells, end, Math.max(0, end - newestBytes))) records.push(record);
  return records;
}

const isList = (found: readonly JournalRecord[] | Finding): found is readonly JournalRecord[] => Array.isArray(found);

export const groups: Check = {
  id: 'provider-groups',
  about:
    'the groups claim of the newest sign-ins came, in a form that tmux-gate can read (by the last records of the journal)',
  look: async (scene) => {
    const { oidc } = await scene.config();
    const found = await newestRecords(scene.layout.journal);
    return isList(found) ? groupsFindings(found, oidc, Date.now()) : [found];
  },
};

export const refresh: Check = {
  id: 'provider-refresh',
  about:
    'the newest sign-ins came with a refresh token, so that the provider can be asked about the people again (by the last records of the journal)',
  look: async (scene) => {
    const { issuer } = (await scene.config()).oidc;
    const found = await newestRecords(scene.layout.journal);
    return isList(found) ? refreshFindings(found, issuer, Date.now()) : [found];
  },
};
