// docs/events.md from the tables of src/core: exits with 1 when the file differs, or with --write brings it up to date.
import { keep } from './docs/document.ts';
import { eventsDocument } from './docs/events.ts';

await keep('docs/events.md', eventsDocument());
