// The table of the doctor's checks: prints docs/doctor.md as it should be, or with --write brings it up to date.
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { checks } from '../src/doctor/checks.ts';

const target = fileURLToPath(new URL('../docs/doctor.md', import.meta.url));
const head = '| check | what it looks at |\n|---|---|\n';
const rows = checks.map(({ id, about }) => `| \`${id}\` | ${about.replaceAll('|', '\\|')} |\n`).join('');
const [before = ''] = (await readFile(target, 'utf8')).split(head);
const text = before + head + rows;

if (process.argv.includes('--write')) await writeFile(target, text);
else process.stdout.write(text);
