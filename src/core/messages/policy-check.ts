// The messages of `tmux-gate policy check`. Names from the command line and from hooks have been filtered.
export const inForce = (option: string): string => `warning: ${option} is in force\n`;
export const inOrder = (path: string): string => `${path} is in order.\n`;
export const noAccount = (account: string): string =>
  `There is no account ${account} here; run useradd --create-home ${account}.`;
export const sourceSilent = (source: string, why: string): string =>
  `warning: on-call source ${source} names nobody: ${why}\n`;
export const failedSomehow = 'failed';
export const noSession = (session: string): string => `There is no session "${session}".\n`;

export const mayReview = (who: string, groups: string | undefined, rule: string): string =>
  `${who} (${inGroups(groups)}) may review; rule: ${rule}\n`;
export const mayNotReview = (who: string, groups: string | undefined, approvers: string): string =>
  `${who} (${inGroups(groups)}) may not review; reviewers are ${approvers}\n`;

/** A rule would not approve. @param fault the reason */
export const ruleDoesNot = (rule: string, fault: string): string => `rule ${rule} would not approve it: ${fault}`;
/** A rule would approve. @param ticket the ticket hook that has to agree */
export const ruleApproves = (rule: string, ticket: string | undefined): string =>
  `rule ${rule} would approve it without asking anybody${ticket === undefined ? '' : `, if ${ticket} says yes`}`;

/** Somebody may ask for the session. @param login undefined: anybody in these groups */
export const mayAsk = (login: string | undefined, groups: string | undefined, rule: string): string =>
  `${whom(login, groups)} may ask; rule: ${rule}`;
export const wouldBeRefused = (
  login: string | undefined,
  groups: string | undefined,
  { code, rule }: { readonly code: string; readonly rule: string },
): string => `${whom(login, groups)} would be refused [${code}]; rule: ${rule}`;

const inGroups = (groups: string | undefined): string => (groups === undefined ? 'in no group' : `in ${groups}`);

function whom(login: string | undefined, groups: string | undefined): string {
  if (login !== undefined) return `${login} (${inGroups(groups)})`;
  return groups === undefined ? 'Somebody in no group' : `A member of ${groups}`;
}

export const typesNothing = '; view only (mode: view)';
export const typesWhileWatched = '; types only while an approver is watching (moderated)';
export const idleEnd = (long: string): string => `; disconnected after ${long} without a key`;
