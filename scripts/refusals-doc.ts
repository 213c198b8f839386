// docs/refusals.md from the tables of src/core: exits with 1 when the file differs, or with --write brings it up to date.
import { keep } from './docs/document.ts';
import { refusalsDocument } from './docs/refusals.ts';

await keep('docs/refusals.md', refusalsDocument());
