// Which uid a new account gets, and which accounts belong to an admin.

/** The next free uid of ordinary accounts, as useradd(8) chooses it: above every other one within the limits of login.defs(5). */
export function nextUid(passwd: string, loginDefs: string): number | undefined {
  const limit = (name: string, usual: number): number =>
    Number(new RegExp(`^\\s*${name}\\s+(\\d+)`, 'm').exec(loginDefs)?.[1] ?? usual);
  const [least, most] = [limit('UID_MIN', 1000), limit('UID_MAX', 60_000)];
  const taken = passwd
    .split('\n')
    .map((line) => Number(line.split(':')[2] || NaN))
    .filter((uid) => uid >= least && uid <= most);
  const next = Math.max(least - 1, ...taken) + 1;
  return next <= most ? next : undefined;
}

/** Groups whose members administer a host: no account in one of them is gated or denied by us. */
export const adminGroups: readonly string[] = ['root', 'sudo', 'wheel', 'admin', 'adm'];

/** What is known of an account that somebody wants to gate, or to have as a session account. */
export interface AccountFacts {
  readonly name: string;
  readonly uid: number;
  readonly groups: readonly string[];
  /** The login of whoever types: the kernel's loginuid; undefined where there is none. */
  readonly adminUid: number | undefined;
  /** Whether a password or a key of its own lets somebody in. */
  readonly hasWayIn: boolean;
}

/** Why an account is not fit: it is root, of whoever types, of an admin, or somebody logs in by it. */
export type AccountFault = 'root' | 'yourself' | 'admin' | 'in-use';

/**
 * Why an account may be neither gated nor denied: afterwards whoever administers the host by it could not log in any more.
 * @returns undefined when nothing speaks against it
 */
export function adminFault({ uid, groups, adminUid }: AccountFacts): AccountFault | undefined {
  if (uid === 0) return 'root';
  if (uid === adminUid) return 'yourself';
  return groups.some((group) => adminGroups.includes(group)) ? 'admin' : undefined;
}

/** Why an existing account may not become a session account, which sshd denies; undefined when it may. */
export function sessionAccountFault(facts: AccountFacts): AccountFault | undefined {
  return adminFault(facts) ?? (facts.hasWayIn ? 'in-use' : undefined);
}
