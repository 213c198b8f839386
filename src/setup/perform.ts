// Makes one change of the host.
import type { Change, Found } from '../core/setup-rules/change.ts';
import { put } from './found.ts';
import { ask, isBooted, must } from './tools.ts';

/** A change, with what it needs to be made and how it is shown. */
export interface Planned {
  readonly change: Change;
  /** What a file shall be; undefined for what is no file. */
  readonly after?: Found;
  /** The command that makes the change, as it is shown; undefined for a file, of which the difference is shown. */
  readonly command?: readonly string[];
  /** The content of the file is never shown. */
  readonly isSecret?: boolean;
}

/** Makes a change. @throws SetupFault when a tool refuses; errors of the system */
export async function perform({ change, after, command = [] }: Planned): Promise<void> {
  switch (change.do) {
    case 'file':
    case 'lines':
      return after === undefined ? undefined : put(change.path, after);
    case 'link':
      await put(change.path, { kind: 'link', to: change.to });
      return reloadUnits();
    case 'folder':
      return put(change.path, { kind: 'folder', mode: change.mode, uid: 0, gid: 0 });
    case 'account':
    case 'member':
    case 'linger':
    case 'service': {
      const [tool = '', ...args] = command;
      await must(tool, args);
    }
  }
}

/** systemd reads its units again; nothing where it does not run the host. */
export async function reloadUnits(): Promise<void> {
  if (isBooted()) await ask('systemctl', ['daemon-reload']);
}
