// The messages of listings of the whole fleet (`--fleet`).
import { hostsSaid } from './batch.ts';
import { sanitizeLine } from '../text.ts';

export const askingFleet = 'Asking the other hosts';

/** The heading above the lines of one host. */
export const ofHost = (host: string): string => `${sanitizeLine(host, 64)}:`;

export const fleetNotes = {
  silent: (hosts: readonly string[]): string =>
    `No answer from ${hostsSaid(hosts)}. What they have is not in this list.`,
  cut: (hosts: readonly string[]): string => `Of ${hostsSaid(hosts)} only a part is shown. Ask there for the rest.`,
  refused: (host: string, says: string): string => `${sanitizeLine(host, 64)}: ${sanitizeLine(says, 300)}`,
};

export const noCsvOfFleet = '--csv is of one host. Use --json with --fleet';
