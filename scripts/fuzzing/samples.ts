// Valid samples for the fuzzer to change: commands, messages between gate and keeper, and what hosts sign.
import type { Grant } from '../../src/core/grant.ts';
import type { Person, RequestFacts, Review } from '../../src/core/request.ts';
import type { SignIn } from '../../src/core/sign-in.ts';

export const commands = [
  '',
  'prod-db',
  'attach prod-db --for 20m --reason INC-1 look at the replica',
  'prod-db --for=1h30m --reason=INC-1',
  'requests --json',
  'approve K7QF2M M2XX0A --for 20m --reason fine',
  'deny K7QF2M --reason use the replica; $(id) | cat',
  'revoke K7QF2M',
  'history --since 7d --login alice --session prod-db --json',
  'unpin alice',
  'hold AZPT0Y3FCS --reason LEGAL-7 litigation',
  'release AZPT0Y3FCS --reason LEGAL-7 is over',
  'purge AZPT0Y3FCS --reason a customer asked',
  'reading replay AZPT0Y3FCS --reason INC-1 what happened',
  'prod-db --view --for 20m --reason INC-1 look',
  'help approve',
  'scp -t /tmp',
  'uptime; id',
];

export const hello = (kind: 'visit' | 'local', uid: number, login: string, command: string): string =>
  JSON.stringify({
    ...{ t: 'hello', v: 1, kind, uid, login, ...(kind === 'visit' ? { loginuid: uid } : {}), pid: 4242, command },
    ...{ tty: true, cols: 80, rows: 24, term: 'xterm', utf8: true, address: '10.0.0.7 5000 10.0.0.1 22', auth: '' },
  });

export const fromGate = [
  hello('visit', 1001, 'alice', 'prod-db'),
  hello('local', 0, 'root', 'status --json'),
  '{"t":"answer","n":1,"text":"INC-1 look"}',
  '{"t":"cancel"}',
  '{"t":"look","n":1,"rows":["Password: "]}',
  '{"t":"attached","pid":77}',
  '{"t":"ended","why":"detached","exit":0}',
  '{"t":"rejoin","v":1,"id":"AZPT0Y3FCS","secret":"c2VjcmV0","pid":77}',
];

export const toGate = [
  '{"t":"say","to":"note","lines":["  Request K7QF2M",""]}',
  '{"t":"ask","n":1,"prompt":"  Which one? "}',
  '{"t":"wait","text":"Waiting","until":1767225600000}',
  '{"t":"calm"}',
  '{"t":"bell"}',
  '{"t":"refuse","code":"NO_PTY","exit":64,"say":"Attaching needs a terminal.","hint":"use: ssh -t"}',
  '{"t":"done","exit":0}',
  JSON.stringify({
    ...{ t: 'go', id: 'AZPT0Y3FCS', secret: 's', end: 1767225600000, host: 'prod-box', session: 'prod-db' },
    ...{ account: { name: 'dba', uid: 1002, gid: 1002 }, service: { uid: 999, gid: 999 }, cgroup: '/sys/fs/cgroup/x' },
    ...{
      client: ['tmux', 'attach'],
      term: 'xterm',
      utf8: true,
      recording: '/var/x.cast',
      quota: 1_073_741_824,
      recordInput: false,
      input: 'held',
      idle: { warn: 600000, end: 900000 },
      expired: [],
    },
  }),
  '{"t":"input","rule":"pass"}',
  '{"t":"looked","n":1,"ttys":[{"tty":3,"is":"hidden"}],"prompts":[true]}',
  '{"t":"deadline","end":1767225600000,"expired":["over"]}',
  '{"t":"cut","lines":["over"],"exit":0}',
];

const digest = 'a'.repeat(64);
const person = (login: string): Person => {
  return { issuer: 'https://id.example.com', subject: `u-${login}`, login, claim: `${login}@example.com` };
};

export const request = (id: string, host: string, now: number): RequestFacts => ({
  ...{
    id,
    host,
    session: 'prod-db',
    account: 'dba',
    who: person('alice'),
    address: '10.0.0.7',
    fingerprint: 'SHA256:x',
  },
  ...{ reason: 'INC-1 look', durationMs: 1_800_000, requestedAt: now, answerBy: now + 1_800_000 },
});

export const review = (id: string, host: string, now: number): Review => ({
  ...{ request: id, digest, host, verdict: 'approve', by: person('bob'), groups: ['oncall'], at: now },
  proof: { issuedAt: now },
});

export const grant = (id: string, host: string, now: number): Grant => ({
  ...{ id, request: 'K7QF2M', digest, host, session: 'prod-db', who: person('alice'), reason: 'INC-1 look' },
  ...{ approvers: [person('bob')], start: now, end: now + 1_800_000 },
});

export const signIn = (host: string, now: number): SignIn => ({
  ...person('alice'),
  ...{ host, fingerprint: 'SHA256:x', groups: ['engineers'], issuedAt: now, at: now, until: now + 3_600_000 },
});

export const head = { n: 3, hash: digest };
