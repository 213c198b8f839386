// The host command `init`.
import { initExamples } from '../../core/messages/setup-help.ts';
import { flows } from '../../core/sign-in-flow.ts';
import { hostCommands } from '../../wire/verbs.ts';
import type { HostCommand } from './host-command.ts';

const several = { type: 'string', array: true, default: [] } as const;

const options = {
  from: { type: 'string', describe: 'a file of answers (YAML); what it and the options leave open is asked' },
  'dry-run': {
    type: 'boolean',
    default: false,
    describe: 'show the changes and make none; exit code 1 where there are any',
  },
  confirm: {
    type: 'string',
    describe: 'from a new ssh login: keep the change that waits, by the code that init showed',
  },
  undo: {
    type: 'boolean',
    default: false,
    describe: 'put everything back that init, login add and session add changed',
  },
  yes: { type: 'boolean', default: false, describe: 'do not ask whether the changes shall be made' },
  host: { type: 'string', describe: 'the name of this host; without it, its host name' },
  issuer: { type: 'string', describe: 'the issuer of the OpenID provider' },
  'client-id': { type: 'string', describe: 'the client that people sign in by' },
  'client-secret-file': {
    type: 'string',
    describe: 'a file with its secret, which is copied; without it, a public client',
  },
  'approval-client-id': { type: 'string', describe: 'the client of approval links; without it, none' },
  'approval-secret-file': { type: 'string', describe: 'a file with its secret' },
  'login-claim': {
    type: 'string',
    describe: 'the claim that names the login; without it, one sign-in of yours shows the claims',
  },
  'strip-domain': { type: 'string', describe: 'the mail domain that is cut off that claim' },
  'groups-claim': { type: 'string', describe: 'the claim with the groups' },
  flow: { choices: [...flows, 'both'] as const, describe: 'how people sign in; without it, as the provider can' },
  session: { type: 'string', describe: 'the first session' },
  'run-as': { type: 'string', describe: 'the account of the session; made where it does not exist' },
  who: { ...several, describe: 'a group that may ask for it' },
  approvers: { ...several, describe: 'a group that approves' },
  login: { type: 'string', describe: 'a login to gate; made where it does not exist' },
  key: { ...several, describe: 'a public key of that login: a file, its text, or github:NAME' },
  'insecure-http': { type: 'boolean', default: false, describe: 'WEAKENS: lets the issuer be http:' },
  'insecure-unconfirmed': {
    type: 'boolean',
    default: false,
    describe: 'WEAKENS: keeps the change although nobody has shown that they can still log in',
  },
} as const;

export const init: HostCommand = {
  options,
  add: (line, layout) =>
    line.command(
      'init',
      hostCommands.init.summary,
      (y) =>
        y
          .options(options)
          .option('guard', { type: 'boolean', hidden: true, default: false })
          .example(...initExamples.ask)
          .example(...initExamples.from)
          .example(...initExamples.confirm),
      async (given) => {
        const { init: run } = await import('../init.ts');
        process.exitCode = await run(layout, given);
      },
    ),
};
