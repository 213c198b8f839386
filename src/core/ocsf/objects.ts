// The objects of OCSF that events refer to: users, endpoints, sessions, entities, processes.
import { group, items, present, text, type Fields } from './base.ts';

/** A person: the Unix login, and who they are at the provider. */
export function userOf(person: unknown, login?: unknown): Fields {
  const { issuer, subject, claim, login: own } = group(person);
  return present({
    name: text(own) ?? text(login) ?? text(claim) ?? 'unknown',
    uid: text(subject),
    uid_alt: text(claim),
    domain: text(issuer),
  });
}

/** Who acted, as a record names them: a person, or the text of `by`. */
export function actorOf(by: unknown): Fields | undefined {
  if (text(by) !== undefined) return { user: { name: by } };
  return Object.keys(group(by)).length === 0 ? undefined : { user: userOf(by) };
}

/** The client's address as sshd told it: address, port, and those of the server. */
export function sourceOf(address: unknown): Fields | undefined {
  const [ip, port] = (text(address) ?? '').split(' ');
  if (ip === undefined || ip === '') return undefined;
  return present({ ip, port: /^\d{1,5}$/.test(port ?? '') ? Number(port) : undefined });
}

/** The approved window: a session of OCSF; undefined where a record has none. */
export function windowOf({ grant, start, end, window }: Fields, reason?: unknown): Fields | undefined {
  const { start: from = start, end: to = end } = group(window);
  const attributes = present({ uid: text(grant), created_time: ms(from), expiration_time: ms(to) });
  if (Object.keys(attributes).length === 0) return undefined;
  return present({ ...attributes, expiration_reason: text(reason) });
}

const ms = (value: unknown): number | undefined => {
  const instant = typeof value === 'string' ? Date.parse(value.replace(' UTC', 'Z')) : value;
  return Number.isSafeInteger(instant) ? (instant as number) : undefined;
};

/** The host where it happened. */
export const hostOf = ({ host }: Fields): Fields => ({ hostname: text(host) ?? 'unknown' });

/** What a record is about where OCSF has no class of its own for it. */
export function entity(type: string, uid: unknown, name?: unknown): Fields {
  return present({ type, type_id: 99, uid: text(uid), name: text(name) ?? text(uid) ?? type });
}

/** Processes that were ended, as a record lists them. OCSF asks for a number or an id of each, also where a record has none. */
export function processesOf(killed: unknown): readonly Fields[] {
  return items(killed).map(({ pid, comm, uid }) =>
    present({
      ...(Number.isSafeInteger(pid) ? { pid } : { uid: 'unknown' }),
      name: text(comm) ?? 'unknown',
      user: Number.isSafeInteger(uid) ? { uid: String(uid as number) } : undefined,
    }),
  );
}
