// Who a login belongs to: issuer and subject, in root's own file.
import { readState, writeState } from '../../adapters/state-file.ts';
import type { SamePerson } from '../../core/identity.ts';
import { list, object, text } from '../../core/shape.ts';

const pinsShape = list(object({ login: text(64), issuer: text(2048), subject: text(255) }), 100_000);
export interface Pins {
  of(login: string): SamePerson | undefined;
  logins(): readonly string[];
  set(login: string, who: SamePerson): Promise<void>;
  /** @returns whether there was one. */
  remove(login: string): Promise<boolean>;
}

export async function openPins(path: string): Promise<Pins> {
  const pins = new Map(((await readState(path, pinsShape)) ?? []).map((pin) => [pin.login, pin]));
  const save = async (): Promise<void> => writeState(path, [...pins.values()], true, pinsShape);
  return {
    of: (login) => pins.get(login),
    logins: () => [...pins.keys()],
    set: async (login, { issuer, subject }) => {
      pins.set(login, { login, issuer, subject });
      await save().catch((error: unknown) => {
        pins.delete(login); // else the visit after this one would count as pinned, and a restart forget it
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
