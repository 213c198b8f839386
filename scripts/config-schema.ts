// The policy's JSON schema: prints it, or with --write brings docs/config.schema.json up to date.
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { configJsonSchema } from '../src/config/schema.ts';

const target = fileURLToPath(new URL('../docs/config.schema.json', import.meta.url));
const style = await resolveConfig(target);
const text = await format(JSON.stringify(configJsonSchema()), { ...style, parser: 'json' });

if (process.argv.includes('--write')) await writeFile(target, text);
else process.stdout.write(text);
