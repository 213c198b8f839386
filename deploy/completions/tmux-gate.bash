# Made by scripts/completions.ts from src/wire/verbs.ts and src/cli. Change it there.
_tmux_gate() {
  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
  local command='' words='' options='' files='' at behind=0
  COMPREPLY=()
  for ((at = 1; at < COMP_CWORD; at++)); do
    if [[ ${COMP_WORDS[at]} == --reason ]]; then return; fi
    if [[ $command == '' && ${COMP_WORDS[at]} != -* ]]; then command=${COMP_WORDS[at]} behind=$((at + 1)); fi
  done
  case $command in
    '') words='request withdraw requests approve deny revoke extend give-back break-glass grants connections watch sessions whoami status history review lock unlock locks unpin reload keys reading hold release purge audit evidence recordings replay export find init login session peers backup restore policy doctor probe version help' options='--help --plain --version' ;;
    request) words='' options='--view --for --json --reason --help --plain' ;;
    withdraw) words='' options='--help --plain' ;;
    requests) words='' options='--json --help --plain' ;;
    approve) words='' options='--for --reason --help --plain' ;;
    deny) words='' options='--reason --help --plain' ;;
    revoke) words='' options='--reason --help --plain' ;;
    extend) words='' options='--session --reason --help --plain' ;;
    give-back) words='' options='--help --plain' ;;
    break-glass) words='review issue list void' options='--reason --json --all --help --plain' ;;
    grants) words='' options='--fleet --json --help --plain' ;;
    connections) words='' options='--fleet --json --help --plain' ;;
    watch) words='' options='--help --plain' ;;
    sessions) words='' options='--json --help --plain' ;;
    whoami) words='' options='--json --help --plain' ;;
    status) words='' options='--json --help --plain' ;;
    history) words='' options='--json --csv --since --login --session --approver --fleet --help --plain' ;;
    review) words='' options='--period --session --json --csv --looked-at --reason --help --plain' ;;
    lock) words='' options='--all --force --reason --help --plain' ;;
    unlock) words='' options='--all --reason --help --plain' ;;
    locks) words='' options='--json --help --plain' ;;
    unpin) words='' options='--help --plain' ;;
    reload) words='' options='--json --help --plain' ;;
    keys) words='list rotate' options='--prepare --for --leaked --json --reason --help --plain' ;;
    reading) words='' options='--reason --help --plain' ;;
    hold) words='' options='--reason --help --plain' ;;
    release) words='' options='--reason --help --plain' ;;
    purge) words='' options='--reason --help --plain' ;;
    audit) words='show verify export accept checkpoint key proof witnessed' options='--since --login --reason --accept --format --follow --to --cursor --token-file --checkpoints --journal --recordings --key --witness --json --help --plain' ;;
    evidence) words='' options='--period --sample --seed --output -o --reason --json --help --plain' ;;
    recordings) words='' options='--since --login --session --held --json --help --plain' ;;
    replay) words='' options='--speed --idle-limit --from --follow --text --identity --reason --json --help --plain' ;;
    export) words='' options='--html --cast --cast3 --output -o --identity --reason --help --plain' ;;
    find) words='' options='--since --login --session --typed --ignore-case -i --limit --identity --reason --json --help --plain' ;;
    init) words='' options='--from --dry-run --confirm --undo --yes --host --issuer --client-id --client-secret-file --approval-client-id --approval-secret-file --login-claim --strip-domain --groups-claim --flow --session --run-as --who --approvers --login --key --insecure-http --insecure-unconfirmed --help --plain' ;;
    login) words='add remove list' options='--key --dry-run --json --help --plain' ;;
    session) words='add' options='--as --who --approvers --count --window --max --dry-run --help --plain' ;;
    peers) words='add remove sync list' options='--key --fingerprint --replace --signers --prune --dry-run --json --help --plain' ;;
    backup) words='' options='--output -o --encrypt-to --help --plain' ;;
    restore) words='' options='--identity --help --plain' ;;
    policy) words='check' options='--as --group --session --reviewer --for --reason --json --help --plain' ;;
    doctor) words='' options='--only --except --login --group --sshd-config --all --json --help --plain' ;;
    probe) words='' options='--login --key --port --host-key --insecure-host-key --socket --only --idle --timeout --json --help --plain' ;;
    version) words='' options='--json --help --plain' ;;
    help) words='request withdraw requests approve deny revoke extend give-back break-glass grants connections watch sessions whoami status history review lock unlock locks unpin reload keys reading hold release purge audit evidence recordings replay export find init login session peers backup restore policy doctor probe version' options='--help --plain' ;;
    *) return ;;
  esac
  if [[ $command != '' && $COMP_CWORD != "$behind" ]]; then words=''; fi
  case "$command $previous" in
    'request --for') return ;;
    'request --reason') return ;;
    'approve --for') return ;;
    'approve --reason') return ;;
    'deny --reason') return ;;
    'revoke --reason') return ;;
    'extend --session') return ;;
    'extend --reason') return ;;
    'break-glass --reason') return ;;
    'history --since') return ;;
    'history --login') return ;;
    'history --session') return ;;
    'history --approver') return ;;
    'review --period') return ;;
    'review --session') return ;;
    'review --looked-at') return ;;
    'review --reason') return ;;
    'lock --reason') return ;;
    'unlock --reason') return ;;
    'keys --for') return ;;
    'keys --reason') return ;;
    'reading --reason') return ;;
    'hold --reason') return ;;
    'release --reason') return ;;
    'purge --reason') return ;;
    'audit --since') return ;;
    'audit --login') return ;;
    'audit --reason') return ;;
    'audit --format') words='jsonl csv ocsf' options='' ;;
    'audit --to') return ;;
    'audit --cursor') files=1 ;;
    'audit --token-file') files=1 ;;
    'audit --checkpoints') files=1 ;;
    'audit --journal') files=1 ;;
    'audit --recordings') files=1 ;;
    'audit --key') files=1 ;;
    'evidence --period') return ;;
    'evidence --sample') return ;;
    'evidence --seed') return ;;
    'evidence --output') files=1 ;;
    'evidence -o') files=1 ;;
    'evidence --reason') return ;;
    'recordings --since') return ;;
    'recordings --login') return ;;
    'recordings --session') return ;;
    'replay --speed') return ;;
    'replay --idle-limit') return ;;
    'replay --from') return ;;
    'replay --identity') files=1 ;;
    'replay --reason') return ;;
    'export --output') files=1 ;;
    'export -o') files=1 ;;
    'export --identity') files=1 ;;
    'export --reason') return ;;
    'find --since') return ;;
    'find --login') return ;;
    'find --session') return ;;
    'find --limit') return ;;
    'find --identity') files=1 ;;
    'find --reason') return ;;
    'init --from') return ;;
    'init --confirm') return ;;
    'init --host') return ;;
    'init --issuer') return ;;
    'init --client-id') return ;;
    'init --client-secret-file') files=1 ;;
    'init --approval-client-id') return ;;
    'init --approval-secret-file') files=1 ;;
    'init --login-claim') return ;;
    'init --strip-domain') return ;;
    'init --groups-claim') return ;;
    'init --flow') words='device code both' options='' ;;
    'init --session') return ;;
    'init --run-as') return ;;
    'init --who') return ;;
    'init --approvers') return ;;
    'init --login') return ;;
    'init --key') files=1 ;;
    'login --key') files=1 ;;
    'session --as') return ;;
    'session --who') return ;;
    'session --approvers') return ;;
    'session --count') return ;;
    'session --window') return ;;
    'session --max') return ;;
    'peers --key') files=1 ;;
    'peers --fingerprint') return ;;
    'peers --signers') return ;;
    'backup --output') files=1 ;;
    'backup -o') files=1 ;;
    'backup --encrypt-to') return ;;
    'restore --identity') files=1 ;;
    'policy --as') return ;;
    'policy --group') return ;;
    'policy --session') return ;;
    'policy --reviewer') return ;;
    'policy --for') return ;;
    'policy --reason') return ;;
    'doctor --only') return ;;
    'doctor --except') return ;;
    'doctor --login') return ;;
    'doctor --group') return ;;
    'doctor --sshd-config') files=1 ;;
    'probe --login') return ;;
    'probe --key') files=1 ;;
    'probe --port') return ;;
    'probe --host-key') return ;;
    'probe --socket') return ;;
    'probe --only') return ;;
    'probe --idle') return ;;
    'probe --timeout') return ;;
  esac
  if [[ $files ]]; then
    compopt -o filenames 2>/dev/null
    mapfile -t COMPREPLY < <(compgen -f -- "$current")
    return
  fi
  if [[ $current == -* || $words == '' ]]; then words=$options; fi
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
}
complete -F _tmux_gate tmux-gate
