// Makes the packed root file system of a release where the cache has none, and prints its path. The words are the release, and --ansible for one
// that Ansible can manage.
import { forAnsible, rootTar, suites, type Suite } from './boot.ts';

const [, , suite = 'bookworm', managed] = process.argv;

try {
  if (!Object.hasOwn(suites, suite)) throw new Error(`there is ${Object.keys(suites).join(', ')}`);
  process.stdout.write(`${await rootTar(suite as Suite, managed === '--ansible' ? forAnsible : [])}\n`);
} catch (error) {
  process.stderr.write(`fresh-host: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
