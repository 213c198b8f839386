// Plans files: what they are now beside what they shall be.
import type { WantedFile } from '../core/setup-rules/wanted.ts';
import { digestOf, isSameFound, lookAt, textOf } from './found.ts';
import type { Planned } from './perform.ts';

/** The changes that make files be as they are wanted; none for those that are. */
export async function planFiles(wanted: readonly WantedFile[]): Promise<readonly Planned[]> {
  const planned = await Promise.all(wanted.map(planFile));
  return planned.flat();
}

async function planFile({ path, mode, text, isSecret = false, lines }: WantedFile): Promise<readonly Planned[]> {
  const before = await lookAt(path);
  const bytes = Buffer.from(text(textOf(before)));
  const owned = before.kind === 'file' && !isSecret ? before : { mode, uid: 0, gid: 0 };
  const { uid, gid } = owned;
  const after = { kind: 'file', bytes: bytes.toString('base64'), mode: owned.mode, uid, gid } as const;
  if (isSameFound(before, after)) return [];
  const digest = digestOf(bytes);
  const change =
    lines === undefined
      ? ({ do: 'file', path, before, digest } as const)
      : ({ do: 'lines', path, before, digest, lines } as const);
  return [{ change, after, isSecret }];
}
