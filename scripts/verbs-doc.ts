// docs/verbs.md from the tables of src/wire/verbs.ts: exits with 1 when the file differs, or with --write brings it up to date.
import { keep } from './docs/document.ts';
import { verbsDocument } from './docs/verbs.ts';

await keep('docs/verbs.md', verbsDocument());
