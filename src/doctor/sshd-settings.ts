// What sshd itself says is in force for a login: `sshd -T -C`, since the first value wins and an earlier Match block or another
// file may say it (threats M1).
import { NotInspectable } from './not-inspectable.ts';
import { run } from './look.ts';

/** Keyword in lower case to its values, a line each. */
export type Settings = ReadonlyMap<string, readonly string[]>;

/** Documentation addresses (RFC 5737): nobody's. */
const connection = 'host=x,addr=192.0.2.1,laddr=192.0.2.2';

/** What holds for the server itself. @throws Blind when sshd does not say. */
export async function readServer(config: string): Promise<Settings> {
  return told(config, []);
}

/** The port of a connection that is not looked at for anybody. @throws Blind when sshd does not say. */
export async function readPort(config: string): Promise<string> {
  return (await readServer(config)).get('port')?.[0] ?? '22';
}

/** @throws Blind when sshd does not say. */
export async function readSettings(config: string, port: string, login: string): Promise<Settings> {
  return told(config, ['-C', `user=${login},${connection},lport=${port}`]);
}

async function told(config: string, more: readonly string[]): Promise<Settings> {
  const { code, out, err } = await run('sshd', ['-T', '-f', config, ...more]);
  if (code !== 0) throw new NotInspectable(...whyNot(err));
  return parseSettings(out);
}

/** Why sshd says nothing, and what to do: its last line, unless it takes no host key because others may read them (sshkey_perm_ok). */
export function whyNot(err: string): readonly [why: string, remedy: string] {
  const [, mode, path] = /Permissions (0\d{3}) for '([^'\n]+)' are too open/.exec(err) ?? [];
  if (mode !== undefined && path !== undefined)
    return [`sshd takes no host key: ${path} has mode ${mode}`, `chmod 0600 ${path}`];
  return [`sshd -T says: ${err.trim().split('\n').at(-1) ?? 'nothing'}`, 'sudo sshd -t'];
}

export function parseSettings(text: string): Settings {
  const rows = text.split('\n').map((row) => row.trim());
  const pairs = rows.filter((row) => row !== '').map((row) => [word(row), row.slice(word(row).length).trim()] as const);
  return new Map([...Map.groupBy(pairs, ([key]) => key)].map(([key, all]) => [key, all.map(([, value]) => value)]));
}

const word = (row: string): string => (row.split(/\s/, 1)[0] ?? '').toLowerCase();

export function valueOf(settings: Settings, key: string): string {
  return settings.get(key)?.[0] ?? '';
}

/** Whether a pattern of ssh_config(5) fits: `*` any run, `?` one character. */
export function fits(pattern: string, text: string): boolean {
  const source = pattern
    .replace(/[\\^$.+()[\]{}|]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`).test(text);
}
