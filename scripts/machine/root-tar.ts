// Makes the packed root file system of a release where the cache has none, and prints its path. The word is the release.
import { rootTar, suites, type Suite } from './boot.ts';

const [, , suite = 'bookworm'] = process.argv;

try {
  if (!Object.hasOwn(suites, suite)) throw new Error(`there is ${Object.keys(suites).join(', ')}`);
  process.stdout.write(`${await rootTar(suite as Suite)}\n`);
} catch (error) {
  process.stderr.write(`fresh-host: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
