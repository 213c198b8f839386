// A device code that was cancelled, or whose terminal was lost, is completed afterwards by whoever has it.
import { expect } from '@jest/globals';
import { completeSignIn } from '../../../../scripts/sandbox/browser.ts';
import type { Attack } from '../../../harness/attack.ts';
import { eventually } from '../../../../scripts/sandbox/eventually.ts';
import { journal } from '../../../harness/inside.ts';
import { endsWithin, named, records } from '../../../harness/outcome.ts';
import { forgetSignIns } from '../../../harness/tokens.ts';

const link = /http:\S+user_code=([A-Z-]{9})/;

export const attack: Attack = {
  guards: [
    {
      what: 'that who leaves ends what was begun for them',
      mutations: [
        {
          file: 'keeper',
          piece: 'const result = await unlessGone(gone, task(gone));',
          becomes: 'const result = await task(new AbortController().signal);',
        },
      ],
    },
  ],
  run: async (host) => {
    await forgetSignIns(host);
    const carol = named(host, 'carol');
    const signIns = records(host, 'sign-in');
    const cancelled = (): number => journal(host.layout).filter(({ code }) => code === 'CANCELLED').length;
    const urls: string[] = [];
    for (const leave of ['q', 'KILL']) {
      const terminal = carol.ssh(['-t', leave === 'q' ? 'prod-db' : 'prod-two']);
      const [url, code = ''] = await terminal.until(link);
      expect(urls.join(' ')).not.toContain(code);
      urls.push(url);
      const before = cancelled();
      if (leave === 'q') terminal.type('q');
      else terminal.kill();
      await endsWithin(terminal, 5_000);
      await eventually('the keeper saw them go', () => cancelled() > before, 12_000).catch(() => undefined);
    }
    for (const url of urls) await completeSignIn(url, carol.account).catch(() => undefined);
    // Somebody else's sign-in, begun after that, is polled for as often as theirs would be.
    const terminal = host.people.bob.ssh(['requests']);
    await host.people.bob.signInFrom(terminal);
    await terminal.exit;
    expect(records(host, 'sign-in')).toBe(signIns + 1);
    expect((await carol.run(['whoami'])).stdout).toMatch(/^Identity +not signed in$/m);
  },
};
