// The comments that `init` and `session add` write into the policy.
export const configComments = {
  head: ' The policy of this host: docs/policy.md has every key. Check an edit with: tmux-gate policy check',
  oidc: ' Who people are: the provider, its client, and the claims that name the login and the groups.',
  redis: ' A private redis-server of this host; for a fleet, the URL of one that the hosts share.',
  sessions:
    ' What people may ask for. Another one: tmux-gate session add NAME --as ACCOUNT --who GROUP --approvers GROUP',
} as const;

export const sessionComments =
  ' run_as: the account of the session. who: groups that may ask. approvers: groups that decide, never about themselves.';
