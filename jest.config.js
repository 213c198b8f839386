// One project a folder of tests; each worker has sandboxes of its own (tests/harness/inside.ts, place).
const swc = {
  '^.+\\.ts$': [
    '@swc/jest',
    { jsc: { target: 'es2024', parser: { syntax: 'typescript' } }, module: { type: 'es6' }, sourceMaps: 'inline' },
  ],
};
const common = { transform: swc, extensionsToTreatAsEsm: ['.ts'], testEnvironment: 'node' };

export default {
  testTimeout: 120_000,
  // With --coverage. What only a process of its own can run (main, privilege, relay) is covered on the built program, where
  // nothing counts: by tests/e2e and a child process. All else in these folders is held to every branch, and what the keeper
  // decides of grants, people and connections to nearly every one: by unit tests, which need no root.
  collectCoverageFrom: [
    'src/{core,wire,gate}/**/*.ts',
    '!src/core/policy-types.ts',
    '!src/gate/{main,privilege,relay}.ts',
    'src/keeper/{grants,identity,connections}/*.ts',
  ],
  coverageReporters: ['text-summary'],
  coverageThreshold: {
    './src/core/': { branches: 100, functions: 100, lines: 100 },
    './src/wire/': { branches: 100, functions: 100, lines: 100 },
    './src/gate/': { branches: 100, functions: 100, lines: 100 },
    './src/keeper/grants/': { branches: 90 },
    './src/keeper/identity/': { branches: 90 },
    './src/keeper/connections/': { branches: 90 },
  },
  projects: [
    { ...common, displayName: 'unit', testMatch: ['<rootDir>/tests/{unit,architecture}/**/*.test.ts'] },
    { ...common, displayName: 'contract', testMatch: ['<rootDir>/tests/contract/**/*.test.ts'] },
    { ...common, displayName: 'e2e', testMatch: ['<rootDir>/tests/{e2e,scenarios}/**/*.test.ts'] },
    // Not of the suite: takes each guard out and watches its attack get through (npm run guards).
    { ...common, displayName: 'guards', testMatch: ['<rootDir>/tests/guards/**/*.test.ts'] },
  ],
};
