// deploy/completions from the tables of the code: exits with 1 when a file differs, or with --write brings them up to date.
import { completions } from './docs/completions.ts';
import { keep } from './docs/document.ts';

for (const [path, text] of completions) await keep(path, text);
