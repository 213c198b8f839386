// Reads sshd's effective settings for a login by `sshd -T -C`. sshd takes the first value, which an earlier Match block or another file
// may set, so its configuration file alone does not tell them (threats M1).
import { NotInspectable } from './not-inspectable.ts';
import { run } from './look.ts';

/** From the keyword, in lower case, to its values, one for each line. */
export type Settings = ReadonlyMap<string, readonly string[]>;

/** Documentation addresses (RFC 5737), which no client has. */
const connection = 'host=x,addr=192.0.2.1,laddr=192.0.2.2';

/** The settings outside of Match blocks. @throws NotInspectable when sshd does not report them. */
export async function readServer(config: string): Promise<Settings> {
  return told(config, []);
}

/** The first port that sshd listens on. @throws NotInspectable when sshd does not report it. */
export async function readPort(config: string): Promise<string> {
  return (await readServer(config)).get('port')?.[0] ?? '22';
}

/** The settings for a login that connects to this port. @throws NotInspectable when sshd does not report them. */
export async function readSettings(config: string, port: string, login: string): Promise<Settings> {
  return told(config, ['-C', `user=${login},${connection},lport=${port}`]);
}

async function told(config: string, more: readonly string[]): Promise<Settings> {
  const { code, out, err } = await run('sshd', ['-T', '-f', config, ...more]);
  if (code !== 0) throw new NotInspectable(...whyNot(err));
  return parseSettings(out);
}

/** Why sshd reports nothing, and what to do: a host key that others may read (sshkey_perm_ok), else its last message. */
export function whyNot(err: string): readonly [why: string, remedy: string] {
  const [, mode, path] = /Permissions (0\d{3}) for '([^'\n]+)' are too open/.exec(err) ?? [];
  if (mode !== undefined && path !== undefined)
    return [`sshd takes no host key: ${path} has mode ${mode}`, `chmod 0600 ${path}`];
  return [`sshd -T says: ${err.trim().split('\n').at(-1) ?? 'nothing'}`, 'sudo sshd -t'];
}

/** Parses the output of `sshd -T`. */
export function parseSettings(text: string): Settings {
  const rows = text.split('\n').map((row) => row.trim());
  const pairs = rows.filter((row) => row !== '').map((row) => [word(row), row.slice(word(row).length).trim()] as const);
  return new Map([...Map.groupBy(pairs, ([key]) => key)].map(([key, all]) => [key, all.map(([, value]) => value)]));
}

const word = (row: string): string => (row.split(/\s/, 1)[0] ?? '').toLowerCase();

/** The first value of a keyword in lower case; empty when it has none. */
export function valueOf(settings: Settings, key: string): string {
  return settings.get(key)?.[0] ?? '';
}

/** Whether a text matches a pattern of ssh_config(5): `*` any characters, `?` one character. */
export function fits(pattern: string, text: string): boolean {
  const source = pattern
    .replace(/[\\^$.+()[\]{}|]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`).test(text);
}
