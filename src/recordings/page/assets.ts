// The files from which a page is made: built beside the programs.
import { readFile } from 'node:fs/promises';
import type { PageAssets } from './page.ts';

/** @param programs the folder of the programs */
export async function readAssets(programs: string): Promise<PageAssets> {
  const read = async (name: string): Promise<string> => readFile(`${programs}/page/${name}`, 'utf8');
  const [player, playerStyle, script, style] = await Promise.all(
    ['player.js', 'player.css', 'page.js', 'page.css'].map(read),
  );
  return { player, playerStyle, script, style } as PageAssets;
}
