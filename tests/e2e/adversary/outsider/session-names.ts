// A session is named by tmux's own shorthand (`prod-d`, `=prod-db:0`, `$0`, `{last}`), by case, look-alike letters or a name that every object has.
import { expect } from '@jest/globals';
import { asAccount } from '../../../harness/around.ts';
import type { Attack } from '../../../harness/attack.ts';
import { gatePath } from '../../../harness/from-outside.ts';

const names = [
  ...[
    'prod-d',
    'prod-',
    'PROD-DB',
    'Prod-Db',
    'prod_db',
    'prod-db2',
    'prod-db.',
    'prod-db:',
    'prod-db:0.0',
    '=prod-db',
  ],
  ...[
    '=',
    ':',
    '=:',
    '.',
    '=.',
    '$0',
    '$2',
    '@0',
    '%0',
    '!',
    '~',
    '{last}',
    'pts/3',
    '=pts/3',
    '/dev/pts/0',
    '*',
    'prod-*',
  ],
  ...[
    'рrod-db',
    'prod‐db',
    'prod-db​',
    'ｐrod-db',
    'prod-db\t:',
    '../prod-db',
    '-prod-db',
    '--',
    'attach =',
    'attach prod-d',
    'constructor',
    'toString',
    '__proto__',
  ],
];

export const attack: Attack = {
  guards: [
    {
      what: 'the exact name in the policy',
      mutations: [
        {
          file: 'keeper',
          piece: 'return Object.hasOwn(config2.sessions, name2) ? config2.sessions[name2] : void 0;',
          becomes: 'return Object.values(config2.sessions).find((one) => one.name.startsWith(name2.toLowerCase()));',
        },
      ],
    },
  ],
  run: async ({ people: { alice }, layout }) => {
    // Without a terminal: a name that counts gets as far as that.
    for (const name of names) {
      const { stderr } = await asAccount(alice.login, ['sudo', '-n', gatePath(layout)], { SSH_ORIGINAL_COMMAND: name });
      const said = /\[([A-Z_]+)\]/.exec(stderr)?.[1];
      expect({ name, said }).toEqual({
        name,
        said: expect.stringMatching(/^(?:NOT_A_VERB|UNKNOWN_SESSION|BAD_COMMAND)$/),
      });
    }
  },
};
