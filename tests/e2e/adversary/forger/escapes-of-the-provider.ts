// A provider, or whoever is on its line, that answers with escape sequences: in claims and groups, in the code to type, in errors.
import { expect } from '@jest/globals';
import type { Attack } from '../../../harness/attack.ts';
import { named, outcomeOf } from '../../../harness/outcome.ts';
import { expectHarmless, nasty } from '../../../harness/raw.ts';
import { forgetSignIns } from '../../../harness/tokens.ts';

export const attack: Attack = {
  guards: [
    {
      what: 'the filter of every text',
      mutations: [
        { file: 'keeper', piece: '.normalize("NFC").replace(unseen, replacement)', becomes: '.normalize("NFC")' },
      ],
    },
    {
      what: 'that a link is printable',
      mutations: [
        {
          file: 'keeper',
          piece: 'text2.length <= max && !holdsUnseen(text2) && URL.canParse(text2) ? new URL(text2) : void 0',
          becomes: '({ href: text2, protocol: "http:", username: "", password: "" })',
        },
      ],
    },
  ],
  run: async (host) => {
    const carol = named(host, 'carol');
    await forgetSignIns(host);
    for (const fields of [
      { user_code: nasty },
      { verification_uri_complete: `http://127.0.0.1/${nasty}` },
      { error: nasty, error_description: nasty, device_code: undefined },
    ]) {
      await host.provider.device(fields);
      const terminal = carol.ssh(['-t', 'prod-db']);
      await Promise.race([terminal.until(/Waiting for your|\[[A-Z_]+\]/), terminal.exit]);
      terminal.kill();
      await host.provider.device({});
      expectHarmless(terminal.text.replace(/[█▀▄]/g, ''));
    }
    await host.provider.overrideClaims({ groups: ['engineers', nasty], name: nasty, amr: [nasty], acr: nasty });
    expect(await outcomeOf(carol)).toBe('asked');
    await host.provider.overrideClaims({ email: nasty });
    expect(await outcomeOf(host.people.mallory)).toBe('NOT_THIS_LOGIN');
    await host.provider.overrideClaims({});
    for (const words of [['whoami'], ['whoami', '--json']]) expectHarmless((await carol.run(words)).stdout);
    for (const words of [
      ['audit', 'show'],
      ['audit', 'show', '--json'],
    ])
      expectHarmless((await host.cli(words)).stdout);
    expectHarmless(host.keeper.lines.join('\n'));
  },
};
