// The options of each command of the CLI, for --help and for tmux-gate(8).

/** Options of the verbs. */
export const flagOptions = {
  for: { type: 'string', describe: 'a shorter window, such as 20m' },
  reason: { type: 'string', describe: 'why' },
  json: { type: 'boolean', describe: 'for programs' },
  all: { type: 'boolean', describe: 'everyone, in the place of one login' },
  since: { type: 'string', describe: 'since when: 7d, yesterday, 2026-11-28' },
  login: { type: 'string', describe: 'of this login alone' },
  session: { type: 'string', describe: 'of this session alone' },
  approver: { type: 'string', describe: 'reviewed by this login alone' },
  csv: { type: 'boolean', describe: 'for spreadsheets' },
  view: { type: 'boolean', describe: 'to look on, typing nothing' },
  force: { type: 'boolean', describe: 'although this host does not know the name' },
} as const;

export const plainOption = {
  type: 'boolean',
  describe: 'no colours, no moving lines (or TMUX_GATE_PLAIN=1, NO_COLOR=1)',
} as const;

/** Options of the commands that need no keeper. */
export const deskOptions = {
  audit: {
    since: { type: 'string', describe: 'show: since when, in UTC: 7d, yesterday, 2026-11-28' },
    login: { type: 'string', describe: 'show: what this login did, or what befell it' },
    reason: { type: 'string', describe: 'accept: why' },
    json: { type: 'boolean', describe: 'show: each record as it stands; verify: for programs' },
  },
  policy: {
    as: { type: 'string', describe: 'login; shown in the answer' },
    group: { type: 'string', array: true, default: [], describe: 'a group that the identity is in' },
    session: { type: 'string', describe: 'the session asked for' },
    reviewer: { type: 'string', describe: 'login or claim: may they review requests for it, now' },
    for: flagOptions.for,
    reason: flagOptions.reason,
    json: flagOptions.json,
  },
  doctor: {
    only: {
      type: 'string',
      array: true,
      default: [],
      describe: 'only these checks, or families of them',
    },
    except: { type: 'string', array: true, default: [], describe: 'not these checks, or families' },
    login: { type: 'string', array: true, default: [], describe: 'only these gated logins' },
    group: { type: 'string', describe: 'the gated group, where the sudo rule does not name it' },
    'sshd-config': {
      type: 'string',
      default: '/etc/ssh/sshd_config',
      describe: "sshd's configuration file",
    },
    all: { type: 'boolean', describe: 'also what is in order, line by line' },
    json: flagOptions.json,
  },
  probe: {
    login: { type: 'string', describe: 'a gated login; else yours' },
    key: { type: 'string', describe: 'its private key; else an ssh-agent, or ~/.ssh/id_*' },
    port: { type: 'number', default: 22, describe: 'of its sshd' },
    'host-key': { type: 'string', describe: 'SHA256:... or a file; else ~/.ssh/known_hosts' },
    'insecure-host-key': { type: 'boolean', default: false, describe: 'believe any host' },
    socket: { type: 'string', array: true, default: [], describe: 'a Unix socket of the host to try' },
    only: { type: 'string', array: true, default: [], describe: 'these ids alone' },
    idle: { type: 'string', describe: 'also watch an idle connection, such as 40s' },
    timeout: { type: 'string', default: '10s', describe: 'for each attempt' },
    json: flagOptions.json,
  },
  version: { json: flagOptions.json },
} as const;
