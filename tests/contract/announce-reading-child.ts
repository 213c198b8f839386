// Announces a reading to the keeper that listens on the socket of the first argument, and exits with the answer.
import { announceReading } from '../../src/cli/announce-reading.ts';
import { layoutAt } from '../../src/wire/layout.ts';

const layout = { ...layoutAt(''), keeperSocket: process.argv[2] ?? '' };
process.exit(await announceReading(layout, { what: 'find', query: 'x'.repeat(1000), reason: 'INC-1 two\nlines' }));
