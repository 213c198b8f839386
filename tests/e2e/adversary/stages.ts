// Who attacks, and the host that they meet.
import type { SandboxConfig } from '../../../scripts/sandbox/install.ts';
import type { Stage } from '../../harness/attack.ts';
import { viewers, withViewers } from '../../harness/viewing.ts';
import { withPeer } from '../../harness/peer.ts';

const reviewers = { carol: ['engineers'], dave: ['oncall'], erin: ['oncall'] };

/** A session that nobody keeps without a key, and one whose recordings have what is typed. */
const withIdleAndTyped = ({ sessions, ...rest }: SandboxConfig): object => ({
  ...rest,
  sessions: {
    ...sessions,
    'prod-idle': { ...sessions['prod-db'], idle: { warn: '5s', end: '10s' } },
    'prod-in': { ...sessions['prod-db'], record: 'output+input', secret_prompts: ['Geheimwort\\? ?$'] },
  },
});

export const stages = {
  /** An engineer without a grant, at the door: sshd, the forced command, sudo, the gate. */
  outsider: {
    folder: 'outsider',
    host: {
      prefix: 'tgo',
      people: { carol: ['engineers'], erin: ['engineers'] },
      config: (config) => ({ ...config, sign_in: { ...config.sign_in, recheck: '10s' } }),
    },
  },
  /** An engineer inside a session, against its end, its guards and its host. */
  insider: { folder: 'insider', host: { prefix: 'tgi', people: { carol: ['engineers'] }, config: withIdleAndTyped } },
  /** A colleague in the same shared session, against the other person. */
  colleague: { folder: 'colleague', host: { prefix: 'tgj', people: { carol: ['engineers'] } } },
  /** Who only watches, and who types only while another does. */
  viewer: { folder: 'viewer', host: { prefix: 'tgl', people: viewers, config: withViewers } },
  /** Somebody with write access to Redis. */
  store: { folder: 'store', host: { prefix: 'tgr', people: reviewers, config: withPeer } },
  /** Somebody who forges proof: tokens, reviews, identities. */
  forger: { folder: 'forger', host: { prefix: 'tgf', people: reviewers, config: withPeer } },
} as const satisfies Record<string, Stage>;
