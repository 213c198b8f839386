// Pins: the issuer and subject that first signed in as each login, in a file that only root writes.
import { readState, writeState } from '../../adapters/state-file.ts';
import type { SamePerson } from '../../core/identity.ts';
import { list, object, text } from '../../core/shape.ts';

const pinsShape = list(object({ login: text(64), issuer: text(2048), subject: text(255) }), 100_000);
/** The owner of each login. */
export interface Pins {
  /** The owner of a login; undefined before its first sign-in. */
  of(login: string): SamePerson | undefined;
  logins(): readonly string[];
  /** Pins a login. On disk when it resolves. @throws an error of the file system; then the login is not pinned */
  set(login: string, who: SamePerson): Promise<void>;
  /** @returns whether there was a pin. */
  remove(login: string): Promise<boolean>;
}

/** Reads the pins from `path`. @throws Error when the file cannot be understood */
export async function openPins(path: string): Promise<Pins> {
  const pins = new Map(((await readState(path, pinsShape)) ?? []).map((pin) => [pin.login, pin]));
  const save = async (): Promise<void> => writeState(path, [...pins.values()], true, pinsShape);
  return {
    of: (login) => pins.get(login),
    logins: () => [...pins.keys()],
    set: async (login, { issuer, subject }) => {
      pins.set(login, { login, issuer, subject });
      await save().catch((error: unknown) => {
        pins.delete(login); // or the next visit would find a pin that a restart forgets
        throw error;
      });
    },
    remove: async (login) => {
      const had = pins.delete(login);
      if (had) await save();
      return had;
    },
  };
}
