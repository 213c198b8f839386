// Runs a command at the keeper that listens on the socket of the first argument.
import { converse } from '../../src/cli/converse.ts';

process.exit(await converse(process.argv[2] ?? '', 'extend 5m'));
