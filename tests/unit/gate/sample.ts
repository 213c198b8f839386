// A first word, and a "go".
import type { Go, Hello } from '../../../src/wire/messages.ts';

export const hello: Hello = {
  ...{ t: 'hello', v: 1, kind: 'visit', uid: 1000, login: 'alice', pid: 1, command: '', tty: true },
  ...{ cols: 80, rows: 24, term: 'xterm', utf8: true, address: '', auth: '' },
};

export const go: Go = {
  ...{ t: 'go', id: 'C1', secret: 's3cret', end: 2_000_000_000_000, host: 'prod-box', session: 'prod-db' },
  account: { name: 'dba', uid: 1001, gid: 1001 },
  service: { uid: 999, gid: 999 },
  ...{ cgroup: '/sys/fs/cgroup/x', client: ['/bin/true'], term: 'xterm', utf8: true },
  ...{ recording: '/tmp/x', quota: 2 ** 30, recordInput: false, input: 'pass', expired: ['expired'] },
};
