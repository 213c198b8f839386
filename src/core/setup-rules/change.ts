// What `tmux-gate init`, `login` and `session` change on a host, and the journal from which each change is undone.
//
// 1. A journal that cannot be read as a whole is not read at all (law 1). Accident: half of a change is undone.
// 2. What is undone is what the journal has: the bytes that were there before. Of what was written it has a digest only, so that no new
//    secret is copied into it (law 11).
import { boolean, integer, list, object, oneOf, optional, text, type Shape, type Shaped } from '../shape.ts';

const paths = text(4096, /^\/[^\0]*$/);
const modes = integer(0, 0o7777);
const ids = integer(0, 0xffff_ffff);
const names = text(256, /^[^\s:/\0-][^\s:/\0]*$/);
/** A file of at most 4 MiB in base64. */
const bytesShape = text(6 * 1024 * 1024, /^[A-Za-z0-9+/]*={0,2}$/);
const digests = text(64, /^[0-9a-f]{64}$/);

/** What is at a path. */
export type Found =
  | { readonly kind: 'absent' }
  | {
      readonly kind: 'file';
      /** Its bytes in base64. */
      readonly bytes: string;
      readonly mode: number;
      readonly uid: number;
      readonly gid: number;
    }
  | { readonly kind: 'link'; readonly to: string }
  | { readonly kind: 'folder'; readonly mode: number; readonly uid: number; readonly gid: number };

const absent = object({ kind: oneOf('absent') });
const file = object({ kind: oneOf('file'), bytes: bytesShape, mode: modes, uid: ids, gid: ids });
const link = object({ kind: oneOf('link'), to: text(4096) });
const folder = object({ kind: oneOf('folder'), mode: modes, uid: ids, gid: ids });

/** The first of some shapes that fits. */
const anyOf =
  <T>(...shapes: readonly Shape<T>[]): Shape<T> =>
  (value) => {
    for (const shape of shapes) {
      const read = shape(value);
      if (read !== undefined) return read;
    }
    return undefined;
  };

const foundShape = anyOf<Found>(absent, file, link, folder);

/** One change of a host, with what undoes it. */
export type Change =
  /** A file is written, with what was there before and the SHA-256 of what is written. */
  | { readonly do: 'file'; readonly path: string; readonly before: Found; readonly digest: string }
  /** Lines are added to a file that others write too. Undone line by line where somebody else changed it since. */
  | {
      readonly do: 'lines';
      readonly path: string;
      readonly before: Found;
      readonly digest: string;
      readonly lines: readonly string[];
    }
  /** A symbolic link is made where nothing was. */
  | { readonly do: 'link'; readonly path: string; readonly to: string }
  /** A folder is made where nothing was. Undone when it is empty. */
  | { readonly do: 'folder'; readonly path: string; readonly mode: number }
  /** An account is made, with a home of its own that is filled from /etc/skel, or without. */
  | { readonly do: 'account'; readonly name: string; readonly uid: number; readonly home?: string }
  | { readonly do: 'member'; readonly name: string; readonly group: string }
  /** systemd keeps nothing running for an account any more (loginctl(1), disable-linger). */
  | { readonly do: 'linger'; readonly name: string }
  /** A unit is enabled and started. */
  | { readonly do: 'service'; readonly name: string };

const changeShape = anyOf<Change>(
  object({ do: oneOf('file'), path: paths, before: foundShape, digest: digests }),
  object({ do: oneOf('lines'), path: paths, before: foundShape, digest: digests, lines: list(text(20_000), 100) }),
  object({ do: oneOf('link'), path: paths, to: text(4096) }),
  object({ do: oneOf('folder'), path: paths, mode: modes }),
  object({ do: oneOf('account'), name: names, uid: ids, home: optional(paths) }),
  object({ do: oneOf('member'), name: names, group: names }),
  object({ do: oneOf('linger', 'service'), name: names }),
);

/** What a tool such as useradd(8) changes beside what it is asked for: files that are compared and put back. */
const bystanderShape = object({ path: paths, before: foundShape });
export type Bystander = Shaped<{ path: Shape<string>; before: Shape<Found> }>;

/** How far a change is: its files are being written, it waits for its confirmation, or it is being undone. */
export const stages = ['writing', 'waiting', 'rolling-back'] as const;

const processShape = object({ pid: integer(1), start: integer() });

/** The journal of one change as it lies on the disk, from before its first write on. */
export const journalShape = object({
  version: integer(1, 1),
  id: text(16, /^[0-9A-Z]+$/),
  /** What was typed: `init`, `login-add`. */
  command: text(32),
  /** The kernel's id of this boot (/proc/sys/kernel/random/boot_id). */
  boot: text(64),
  /** The process that writes; its start is in clock ticks since boot. */
  owner: processShape,
  stage: oneOf(...stages),
  /** When it is undone unless it is confirmed: milliseconds since boot. */
  deadlineMs: integer(),
  /** When sshd was reloaded and everything written: clock ticks since boot. */
  changedAt: optional(integer()),
  /** The kernel's audit session of whoever started it. */
  session: optional(integer()),
  /** What is typed to confirm it. */
  code: text(16, /^[0-9A-Z]+$/),
  /** Whether sshd was told something new, and must be told again when it is undone. */
  sshd: boolean,
  changes: list(changeShape, 1000),
  bystanders: list(bystanderShape, 100),
});
export type SetupJournal = NonNullable<ReturnType<typeof journalShape>>;

/** The largest journal, in characters. */
export const journalLimit = 64 * 1024 * 1024;

/** What was decided about a change that waits. */
export const verdictShape = object({ id: text(16, /^[0-9A-Z]+$/), verdict: oneOf('confirmed', 'abandoned') });
export type Verdict = NonNullable<ReturnType<typeof verdictShape>>['verdict'];

/** How a change ended, for whoever waits for it. */
export const endingShape = object({
  id: text(16, /^[0-9A-Z]+$/),
  ended: oneOf('kept', 'rolled-back'),
  /** Why it was undone, and what could not be put back as it was. */
  why: text(200),
  notes: list(text(1000), 200),
});
export type Ending = NonNullable<ReturnType<typeof endingShape>>;
