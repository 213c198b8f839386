// The rules of the house. Who may import whom is src/README.md; tests/architecture proves it on what is really loaded.
import tseslint from 'typescript-eslint';

/** Folders under src and the folders (or packages) each may import. */
const rooms = {
  core: { rooms: ['core'], packages: [] },
  wire: { rooms: ['core', 'wire'], packages: [] },
  gate: { rooms: ['core', 'wire', 'gate'], packages: ['node:*', '@lydell/node-pty'] },
  config: { rooms: ['core', 'config'], packages: ['node:*', 'zod', 'yaml'] },
  adapters: { rooms: ['core', 'config', 'adapters'], packages: null },
  keeper: { rooms: ['core', 'wire', 'config', 'adapters', 'keeper'], packages: ['node:*'] },
  doctor: { rooms: ['core', 'wire', 'config', 'adapters', 'doctor'], packages: ['node:*'] },
  cli: {
    rooms: ['core', 'wire', 'config', 'adapters', 'doctor', 'cli'],
    packages: ['node:*', 'yargs', 'yargs/helpers'],
  },
};

const all = Object.keys(rooms);

function walls(room) {
  const { rooms: allowed, packages } = rooms[room];
  const patterns = all
    .filter((other) => !allowed.includes(other))
    .map((other) => ({ group: [`../${other}/*`, `../../${other}/*`], message: `${room} may not import ${other}` }));
  if (packages !== null) {
    patterns.push({
      regex: `^(?!\\.|${packages.map((p) => p.replace('*', '')).join('|') || '$'})`,
      message: `${room} may not load this package`,
    });
  }
  return { files: [`src/${room}/**/*.ts`], rules: { 'no-restricted-imports': ['error', { patterns }] } };
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
      'max-lines-per-function': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
    },
  },
  ...all.map(walls),
);
