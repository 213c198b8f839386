// docs/man/ from the tables of the code: exits with 1 when a page differs, or with --write brings them up to date.
import { keep } from './docs/document.ts';
import { manPages } from './docs/man/pages.ts';

for (const [path, text] of manPages) await keep(path, text);
