// An ID token whose subject is missing, empty or no text.
import type { Attack } from '../../../harness/attack.ts';
import { expectNobodySignsIn } from '../../../harness/tokens.ts';

export const attack: Attack = {
  guards: [
    {
      what: 'that a subject is a text',
      mutations: [
        { file: 'keeper', piece: '!isText(sub, subjectLimit) || ', becomes: '' },
        {
          file: 'keeper',
          piece:
            '.then(validateAudience.bind(void 0, client.client_id)).then(validateStringClaim.bind(void 0, "sub"));\n}\nfunction',
          becomes: '.then(validateAudience.bind(void 0, client.client_id));\n}\nfunction',
        },
      ],
    },
  ],
  run: async (host) => expectNobodySignsIn(host, ['no-sub', 'empty-sub', 'number-sub']),
};
