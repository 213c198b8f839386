// Temporary homes of dedicated sessions. Each is removed once its session has ended.
import type { Journal } from '../../adapters/journal/journal.ts';
import type { Log } from '../../adapters/log.ts';
import { homeIds, removeHome } from '../../adapters/tmux-home.ts';
import type { Layout } from '../../wire/layout.ts';

export interface SessionHomesDeps {
  readonly layout: Layout;
  readonly journal: Journal;
  readonly log: Log;
}

/** Removes homes in the background. */
export interface SessionHomes {
  /**
   * Removes the home of a session that has ended. Returns at once, because a home may have millions of files. If the keeper stops
   * meanwhile, the next one removes the rest.
   */
  clear(id: string): void;
  /**
   * Removes homes whose session is gone: the keeper or the host died before they were removed.
   * @param known the ids of sessions that run.
   */
  clearStrays(known: readonly string[]): Promise<void>;
}

/** Removal of homes below `layout.homes`; each is journaled as `home-removed`, or `home-left` with the reason. */
export function openSessionHomes({ layout: { homes }, journal, log }: SessionHomesDeps): SessionHomes {
  /** Homes that are being removed: the end of a session and `clearStrays` may name the same one. */
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
