// Examples in the help of `init`, `login`, `session` and `peers`.
export const initExamples = {
  ask: ['$0 init', 'asks, shows what it would change, and makes it'],
  from: ['$0 init --from answers.yaml --dry-run', 'shows it alone'],
  confirm: ['$0 init --confirm 7Q2MX4KD', 'in a new ssh login, within two minutes'],
} as const;

export const loginExamples = {
  file: ['$0 login add alice --key alice.pub', 'an account that owns nothing, with this key'],
  github: ['$0 login add alice --key github:alice', 'with the keys that GitHub has of an account'],
} as const;

export const peersExamples = {
  add: ['$0 peers add web-07 --key web-07.pub.jwk', 'shows its fingerprints, and asks whether they are right'],
  pipe: [
    'ssh web-07 cat /var/lib/tmux-gate/keys/host.pub.jwk | $0 peers add web-07 --key - --fingerprint 5x0...',
    'for scripts, which know the fingerprint from elsewhere',
  ],
  sync: ['$0 peers sync fleet.json', 'takes the hosts of a list that was signed with ssh-keygen -Y sign'],
} as const;

export const sessionExamples = {
  add: ['$0 session add prod-web --as web --who engineers --approvers oncall', 'a session more in the policy'],
} as const;
