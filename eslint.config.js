// The lint rules. Who may import whom stands in src/layers.json; tests/architecture proves it on what is really loaded.
import { readFileSync } from 'node:fs';
import tseslint from 'typescript-eslint';

const {
  folders: rooms,
  keeper,
  context,
} = JSON.parse(readFileSync(new URL('src/layers.json', import.meta.url), 'utf8'));

const all = Object.keys(rooms);

function patternsOf(room) {
  const { folders: allowed, packages } = rooms[room];
  const patterns = all
    .filter((other) => !allowed.includes(other))
    .map((other) => ({ group: [`../${other}/*`, `../../${other}/*`], message: `${room} may not import ${other}` }));
  if (packages !== null) {
    patterns.push({
      regex: `^(?!\\.|${packages.map((p) => p.replace('*', '')).join('|') || '$'})`,
      message: `${room} may not load this package`,
    });
  }
  return patterns;
}

function walls(files, patterns) {
  return { files, rules: { 'no-restricted-imports': ['error', { patterns }] } };
}

/** Inside the keeper: nothing from a layer above, and the whole context for those who are named alone. */
function keeperWalls() {
  const parts = keeper.flatMap((names, level) => names.map((name) => ({ name, level })));
  return parts.map(({ name, level }) => {
    const isFile = name.endsWith('.ts');
    const up = isFile ? './' : '../';
    const above = parts
      .filter((other) => other.level < level)
      .map((other) => `${up}${other.name}${other.name.endsWith('.ts') ? '' : '/*'}`);
    const maySee = context.seenBy.some((seeing) => seeing === name || seeing.startsWith(`${name}/`));
    const patterns = patternsOf('keeper');
    if (above.length > 0) patterns.push({ group: above, message: `${name} may not import from a layer above it` });
    if (!maySee)
      patterns.push({ group: [`${up}${context.file}`], message: `${name} takes what it needs, not the whole context` });
    return walls([`src/keeper/${isFile ? name : `${name}/**/*.ts`}`], patterns);
  });
}

export default tseslint.config(
  { ignores: ['dist/**', 'dist.*/**', 'coverage/**', 'node_modules/**', '*.config.js'] },
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-confusing-void-expression': 'off',
      '@typescript-eslint/consistent-type-imports': 'error',
      'max-lines-per-function': ['error', { max: 60, skipComments: true, skipBlankLines: true }],
      '@typescript-eslint/max-params': ['error', { max: 4 }],
      'max-lines': ['error', { max: 300, skipComments: false, skipBlankLines: false }],
      'no-restricted-syntax': [
        'error',
        { selector: 'ExportDefaultDeclaration', message: 'named exports only' },
        { selector: 'ExportAllDeclaration', message: 'no barrels' },
      ],
    },
  },
  {
    files: ['tests/**/*.ts'],
    rules: {
      '@typescript-eslint/max-params': 'off',
      'max-lines-per-function': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
    },
  },
  ...all.map((room) => walls([`src/${room}/**/*.ts`], patternsOf(room))),
  ...keeperWalls(),
);
