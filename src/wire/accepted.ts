// The variables of a client that sshd takes for the gate, as sshd_config.example says it.
const accepted = ['LANG', 'LC_ALL', 'LC_CTYPE', 'NO_COLOR', 'TMUX_GATE_PLAIN'];

/** The line of sshd's configuration. */
export const acceptEnvLine = `AcceptEnv ${accepted.join(' ')}`;
