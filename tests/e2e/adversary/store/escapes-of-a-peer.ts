// A peer that was broken into signs requests and grants whose every text is full of escape sequences, for whoever lists, approves,
// denies or revokes them here.
import type { Attack } from '../../../harness/attack.ts';
import { grantFor, hour, plantGrant, plantRequest, requestKey } from '../../../harness/forge.ts';
import { redis } from '../../../harness/store-under-test.ts';
import { peerHost, peerKeys } from '../../../harness/peer.ts';
import { expectHarmless, nasty } from '../../../harness/raw.ts';

export const attack: Attack = {
  guards: [
    {
      what: 'the filter of every text, on its way out',
      mutations: [
        { file: 'keeper', piece: '.normalize("NFC").replace(unseen, replacement)', becomes: '.normalize("NFC")' },
      ],
    },
    {
      what: 'that names are names: in what a peer signed, in keys and in what is said',
      mutations: [
        {
          file: 'keeper',
          piece: 'var sessionShape = text(32, /^[A-Za-z][A-Za-z0-9_-]*$/);',
          becomes: 'var sessionShape = text(400);',
        },
        { file: 'keeper', piece: 'session: sanitizeLine(grant.session, 32) };', becomes: 'session: grant.session };' },
        { file: 'keeper', piece: 'if (odd !== void 0) throw', becomes: 'if (false) throw' },
      ],
    },
  ],
  run: async (host) => {
    const { layout, provider } = host;
    const { alice, bob } = host.people;
    const who = { issuer: provider.issuer, subject: nasty, login: 'somebody', claim: nasty };
    const facts = {
      ...{ id: 'NASTY1', host: peerHost, session: 'prod-db', account: 'dba', who, address: nasty, fingerprint: nasty },
      ...{ reason: nasty, durationMs: 60_000, requestedAt: Date.now(), answerBy: Date.now() + hour },
    };
    const names = { id: 'NASTY2', session: nasty.slice(0, 32), account: nasty };
    await plantRequest(layout, 'NASTY1', await peerKeys.sign('request', facts));
    await plantRequest(layout, 'NASTY2', await peerKeys.sign('request', { ...facts, ...names }));
    for (const words of [
      ['-t', 'requests'],
      ['-t', 'approve', 'NASTY1'],
      ['-t', 'approve', 'NASTY2'],
    ]) {
      const terminal = bob.ssh(words);
      const signIn = bob.signInFrom(terminal, { timeoutMs: 8_000 }).catch(() => undefined);
      await Promise.race([terminal.exit, signIn]);
      await terminal.exit;
      expectHarmless(terminal.text.replaceAll(/[█▀▄]/g, ''));
    }
    const { stdout, stderr } = await host.cli(['requests', '--json']);
    expectHarmless(stdout + stderr);
    const grant = grantFor(alice, provider.issuer, { host: peerHost, session: nasty.slice(0, 32), reason: nasty });
    const place = { host: peerHost, session: 'prod-db', login: alice.login, id: grant.id, expires: grant.end };
    const key = await plantGrant(layout, await peerKeys.sign('grant', grant), place);
    const told = await host.cli(['revoke', grant.id, '--reason', 'INC-1']);
    expectHarmless(told.stdout + told.stderr);
    await redis(layout, 'del', key, requestKey('NASTY1'), requestKey('NASTY2'), `{tmux-gate}:grants:${peerHost}`);
  },
};
