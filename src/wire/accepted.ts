// The environment variables that sshd accepts from a client for the gate.
const accepted = ['LANG', 'LC_ALL', 'LC_CTYPE', 'NO_COLOR', 'TMUX_GATE_PLAIN'];

/** The line of sshd's configuration (sshd_config.example). */
export const acceptEnvLine = `AcceptEnv ${accepted.join(' ')}`;
