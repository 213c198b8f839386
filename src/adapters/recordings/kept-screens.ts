// The screens that are kept beside a recording (`ID.keyframes`), and drafts of them (`ID.keyframes.PID`) that a killed program left.
import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { removeFile } from '../durable.ts';
import { unlessMissing } from '../missing.ts';
import { keptScreens } from './endings.ts';

/** Removes them. @param base the path of the recording without ending. @throws Error of the system */
export async function removeKeptScreens(base: string): Promise<void> {
  const begins = `${basename(base)}${keptScreens}`;
  for (const name of (await readdir(dirname(base)).catch(unlessMissing)) ?? [])
    if (name === begins || name.startsWith(`${begins}.`)) await removeFile(join(dirname(base), name));
}
