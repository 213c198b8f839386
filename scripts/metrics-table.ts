// The table of metrics: prints docs/metrics.md as it should be, or with --write brings it up to date.
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { metricsTable, metricsTitle } from './docs/metrics.ts';

const target = fileURLToPath(new URL('../docs/metrics.md', import.meta.url));
const before = await readFile(target, 'utf8');
const text = before.slice(0, before.indexOf(metricsTitle)) + metricsTable();

if (process.argv.includes('--write')) await writeFile(target, text);
else process.stdout.write(text);
