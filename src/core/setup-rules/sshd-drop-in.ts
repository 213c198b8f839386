// The text of sshd's drop-in: which accounts are denied, and whether sshd reads it at all (sshd_config(5)).

const denied = /^(\s*DenyUsers\b)[ \t]*(.*?)[ \t]*$/im;
const match = /^\s*Match\b/im;

/** The accounts that the global `DenyUsers` line of a drop-in names. */
export function deniedIn(text: string): readonly string[] {
  const [, , names = ''] = denied.exec(globalOf(text)) ?? [];
  return names.split(/\s+/).filter((name) => name !== '');
}

/** What stands before the first Match block. */
const globalOf = (text: string): string => text.slice(0, match.exec(text)?.index);

/** The text with these accounts in its global `DenyUsers` line, beside those that it names. Nothing else changes. */
export function withDenied(text: string, accounts: readonly string[]): string {
  const known = deniedIn(text);
  const missing = accounts.filter((account) => !known.includes(account));
  if (missing.length === 0) return text;
  const line = `DenyUsers ${[...known, ...missing].join(' ')}`;
  return denied.test(globalOf(text)) ? text.replace(denied, () => line) : `${line}\n${text}`;
}

/** A new drop-in, made from the template that the package brings: its example account gives way to the real ones. */
function newDropIn(template: string, accounts: readonly string[]): string {
  return template.replace(denied, () => `DenyUsers ${accounts.join(' ')}`);
}

/**
 * The text of the drop-in in which this account is denied. What is there keeps its bytes. Where nothing is, or a purge of the package left
 * names alone, it is the template, with those names except for who is to log in through the gate from now on.
 * @param now undefined: there is no such file
 */
export function dropInWith(
  { account, logins }: { readonly account: string; readonly logins: readonly string[] },
  template: string,
  now = '',
): string {
  if (!isLeftOver(now)) return withDenied(now, [account]);
  const stay = deniedIn(now).filter((name) => name !== account && !logins.includes(name));
  return newDropIn(template, [account, ...stay]);
}

/** Whether nothing but comments and names that are kept out stands there (deploy/deb/postrm, rule 2). */
const isLeftOver = (text: string): boolean =>
  text.split('\n').every((line) => /^\s*(?:#.*|DenyUsers\b.*)?$/i.test(line));

/** The text of sshd_config with a line that includes the drop-in, before everything else, where none does. */
export function withInclude(text: string, dropIn: string): string {
  const folder = dropIn.slice(0, dropIn.lastIndexOf('/'));
  const included = globalOf(text)
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([word]) => /^include$/i.test(String(word)))
    .flatMap(([, ...files]) => files);
  const reads = included.some((file) => file === dropIn || file === `${folder}/*.conf` || file === `${folder}/*`);
  return reads ? text : `Include ${dropIn}\n${text}`;
}
