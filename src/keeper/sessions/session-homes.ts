// The temporary homes of dedicated sessions, removed once their session is gone.
import type { Journal } from '../../adapters/journal.ts';
import type { Log } from '../../adapters/log.ts';
import { homeIds, removeHome } from '../../adapters/tmux-home.ts';
import type { Layout } from '../../wire/layout.ts';

export interface SessionHomesDeps {
  readonly layout: Layout;
  readonly journal: Journal;
  readonly log: Log;
}

export interface SessionHomes {
  /**
   * Removes the home of a session that has ended. Returns at once: millions of files may be in it. What is left, the next keeper
   * finds.
   */
  clear(id: string): void;
  /** Removes homes whose session is no more: the keeper, or the host, died before they were removed. @param known sessions. */
  clearStrays(known: readonly string[]): Promise<void>;
}

export function openSessionHomes({ layout: { homes }, journal, log }: SessionHomesDeps): SessionHomes {
  /** An end and the look for strays may meet. */
  const clearing = new Set<string>();
  const remove = async (id: string): Promise<void> => {
    if (!(await homeIds(homes)).includes(id)) return;
    const left = await removeHome(homes, id);
    if (left === undefined) await journal.write('home-removed', { id });
    else await journal.write('home-left', { id, why: left });
  };
  const clear = (id: string): void => {
    if (clearing.has(id)) return;
    clearing.add(id);
    remove(id)
      .catch((error: unknown) => log.error('home-not-removed', { id, error }))
      .finally(() => clearing.delete(id));
  };
  return {
    clear,
    clearStrays: async (known) => {
      for (const id of await homeIds(homes)) if (!known.includes(id)) clear(id);
    },
  };
}
