// What evidence of this host is made with: its keys, its journal, its recordings.
import { cosignerOf, hashOf, logKeyOf } from '../adapters/journal/checkpoints.ts';
import { UnprovableError } from '../adapters/journal/proofs.ts';
import { openKeys } from '../adapters/keys.ts';
import { loadConfig } from '../config/load.ts';
import type { Layout } from '../wire/layout.ts';
import { reservedNames } from '../wire/verbs.ts';
import type { Period } from '../core/period.ts';
import type { MakeDeps } from './access-files.ts';
import { findAccess, numberOf, type Access } from './find-access.ts';
import { findPeriod, NoTotals, type PeriodFound } from './find-period.ts';
import { openView, type OpenView, type ViewOptions } from './open-view.ts';
import { readersIn, recordingIn } from './readers.ts';

/** @throws Error where policy or keys cannot be read */
export async function viewOptions(layout: Layout): Promise<ViewOptions> {
  const { host, peers, witnesses: outside } = await loadConfig(layout.config, { reservedNames });
  const keys = await openKeys({ folder: layout.keys, host, peers });
  const hosts = Object.keys(peers).map((peer) => cosignerOf(peer, keys.publicKey(peer) ?? ''));
  const witnesses = [...hosts, ...outside.map(({ key }) => key)];
  return { folder: layout.journal, host, key: logKeyOf(host, keys.publicKey() ?? ''), witnesses };
}

/** An access, and the journal up to a checkpoint that covers it. */
export interface Seen {
  readonly view: OpenView;
  readonly access: Access | undefined;
  /** Whether there is a cosigned checkpoint, which does not cover the newest records of this access yet. */
  readonly isAhead: boolean;
}

/** The journal as witnesses cosigned it, where that has the whole access; else as it is now. @throws UnprovableError */
export async function seeAccess(options: ViewOptions, id: string): Promise<Seen> {
  const newest = await openView(options, 'newest');
  const access = findAccess(newest, id);
  const cosigned = await openCosigned(options);
  if (cosigned === undefined || access === undefined) return { view: newest, access, isAhead: false };
  const last = numberOf(access.lines.at(-1) ?? { at: 0, text: '', record: {} });
  const [used, left] = last <= cosigned.size ? [cosigned, newest] : [newest, cosigned];
  await left.close();
  return { view: used, access, isAhead: used === newest };
}

/** A period, and the journal up to a checkpoint. */
export interface SeenPeriod {
  readonly view: OpenView;
  readonly found: PeriodFound;
}

/** The journal as witnesses cosigned it, where that goes beyond the period; else as it is now. @throws UnprovableError, NoTotals */
export async function seePeriod(options: ViewOptions, period: Period): Promise<SeenPeriod> {
  const cosigned = await openCosigned(options);
  if (cosigned !== undefined) {
    const found = tryPeriod(cosigned, period);
    if (found?.isPast === true) return { view: cosigned, found };
    await cosigned.close();
  }
  const view = await openView(options, 'newest');
  try {
    return { view, found: findPeriod(view, period) };
  } catch (error) {
    await view.close();
    throw error;
  }
}

/** @returns undefined where no head has totals as far as it was cosigned */
function tryPeriod(view: OpenView, period: Period): PeriodFound | undefined {
  try {
    return findPeriod(view, period);
  } catch (error) {
    if (error instanceof NoTotals) return undefined;
    throw error;
  }
}

/** @returns undefined where no witness cosigned */
async function openCosigned(options: ViewOptions): Promise<OpenView | undefined> {
  return openView(options, 'cosigned').catch((error: unknown) => {
    if (error instanceof UnprovableError) return undefined;
    throw error;
  });
}

/** @param now instant, ms */
export async function depsOfHost(layout: Layout, view: OpenView, now: number): Promise<MakeDeps> {
  return {
    ...{ view, sha256: hashOf, now, readers: await readersIn(`${layout.programs}/evidence`) },
    recording: async (...asked) => recordingIn(layout.recordings, ...asked),
  };
}
