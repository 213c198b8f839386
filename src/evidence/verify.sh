#!/bin/sh
# Verifies evidence that `tmux-gate evidence` made, without a network and without tmux-gate. VERIFY.md says what is proved and what is not.
#
#   sh verify.sh [--key VKEY] [--witness VKEY]... [--plain FOLDER] [--seed SEED] [FILE.tar | FOLDER]
#
#   --key      the public key of the host, as you were given it by somebody else than whoever gave you the evidence
#   --witness  the public key of a witness, in the same way; each one that is given must have signed
#   --plain    a folder with recordings that you decrypted: CONNECTION.cast
#   --seed     of a period with a sample: the seed that you named
#   without a file or folder: the folder of this script
#
# Needs sh, coreutils, openssl 3, jq and, for recordings, zstd. Exit status: 0 verified, 1 not, 64 wrong use.
#
# Rules of this file, each with what it prevents:
#  1. Nothing is believed because it stands in the archive; what is printed of the access comes from records that were proved.
#  2. Bytes go through files and tools. A shell drops NUL bytes, so a text is read by the shell only once it is known to be printable.
#  3. Base64 is decoded, encoded anew and compared: several last characters decode to the same bytes.
#  4. A record's own number is its place in the log. A proof for another place proves nothing.
#  5. A file that is not listed, a signature line that is not of a known key, and a record of something else are faults.
#  6. jq 1.6 merges two fields of one name and damages bytes that it decodes, so repeated names are refused and it decodes no base64 itself.
#  7. Of a period, each record of the counted kinds is shown. Their number is compared with the totals that the host wrote at the time.

set -eu
LC_ALL=C
export LC_ALL
umask 077

format='tmux-gate evidence 1'
dash='—'
zero=0000000000000000000000000000000000000000000000000000000000000000

usage() {
  echo "usage: sh verify.sh [--key VKEY] [--witness VKEY]... [--plain FOLDER] [--seed SEED] [FILE.tar | FOLDER]" >&2
  exit 64
}

pinned= pinned_witnesses= pinned_seed= plain= target= nested=
while [ $# -gt 0 ]; do
  case $1 in
    --key) [ $# -ge 2 ] || usage; pinned=$2; shift 2 ;;
    --witness) [ $# -ge 2 ] || usage; pinned_witnesses="$pinned_witnesses $2"; shift 2 ;;
    --plain) [ $# -ge 2 ] || usage; plain=$2; shift 2 ;;
    --seed) [ $# -ge 2 ] || usage; pinned_seed=$2; shift 2 ;;
    # One of the sample: the id of its access, and the digest of its checkpoint, which is that of the archive around it.
    --nested) [ $# -ge 2 ] || usage; nested=$2; shift 2 ;;
    -*) usage ;;
    *) [ -z "$target" ] || usage; target=$1; shift ;;
  esac
done
[ -n "$target" ] || target=$(dirname -- "$0")
case $plain in '' | /*) ;; *) plain=$PWD/$plain ;; esac

for tool in openssl jq sha256sum base64 basenc od tr head tail sort comm cut paste split truncate mktemp; do
  [ -n "$(command -v "$tool")" ] || { echo "$tool is missing" >&2; exit 1; }
done

work=$(mktemp -d)
# For many small files: in memory, where that can be.
scratch=$(mktemp -d /dev/shm/verify.XXXXXX 2>"$work/null") || { scratch=$work/scratch; mkdir "$scratch"; }
finished=
leave() {
  rm -rf "$work" "$scratch"
  [ -n "$finished" ] || { printf '\nNOT VERIFIED: this script broke off.\n'; exit 1; }
}
trap leave EXIT
trap 'exit 1' HUP INT TERM
: >"$work/faults"
: >"$work/notes"

ok() { printf '  ok    %-12s %s\n' "$1" "$2"; }
note() { printf '  note  %-12s %s\n' "$1" "$2"; echo x >>"$work/notes"; }
bad() { printf '  BAD   %-12s %s\n' "$1" "$2"; echo x >>"$work/faults"; }
count_of() { wc -l <"$1" | tr -d ' '; }

verdict() {
  if [ -s "$work/faults" ]; then
    printf '\nNOT VERIFIED: %s. Trust nothing in this archive until you know why.\n' "$(count_of "$work/faults") check(s) failed"
    finished=yes
    exit 1
  fi
}
# For what makes every later check meaningless.
stop() { bad "$1" "$2"; verdict; }

# --- bytes ----------------------------------------------------------------------------------------------------------------------------

# Without another process to cut the digest out: each takes as long as ten kilobytes do.
# shellcheck disable=SC2046
sha() { set -- $(sha256sum); printf '%s\n' "${1-}"; }
hex() { od -An -v -tx1 | tr -d ' \n'; }

# Rule 3. decode TEXT FILE
decode() {
  case $1 in '' | *[!A-Za-z0-9+/=]*) return 1 ;; esac
  printf '%s' "$1" | base64 -d >"$2" 2>"$work/null" || return 1
  [ "$(base64 <"$2" | tr -d '\n')" = "$1" ]
}

# Whether a file has printable ASCII and newlines alone (rule 2), and ends with a newline. @param more, bytes that are allowed as well
is_text() {
  [ "$(tr -d '\n\040-\176'"${2-}" <"$1" | wc -c | tr -d ' ')" = 0 ] && [ "$(tail -c 1 <"$1" | hex)" = 0a ]
}

# The same of several files at once. are_texts MORE FILE...
are_texts() {
  more=$1
  shift
  [ "$(cat -- "$@" 2>"$work/null" | tr -d '\n\040-\176'"$more" | wc -c | tr -d ' ')" = 0 ] || return 1
  # As many last bytes as files, each a newline.
  [ "$(tail -q -c 1 -- "$@" 2>"$work/null" | hex)" = "$(for file in "$@"; do printf 0a; done)" ]
}

# A jq library: hashes as texts that printf writes as bytes, and the way from a leaf to the root.
cat >"$work/lib.jq" <<'JQ'
def oct: "\\\(. / 64 | floor)\((. / 8 | floor) % 8)\(. % 8)";
def of64: if . >= 97 then . - 71 elif . >= 65 then . - 65 elif . >= 48 then . + 4 elif . == 43 then 62 else 63 end;
# 32 bytes of base64 in its one spelling (rule 3), as octal escapes; null for anything else.
def hash64:
  if type != "string" or (test("^[A-Za-z0-9+/]{43}=$") | not) then null
  else (.[0:43] | explode | map(of64)) as $v
  | if $v[42] % 4 != 0 then null
    else [range(0; 43; 4) as $i | ($v[$i] * 4 + ($v[$i + 1] / 16 | floor)), ($v[$i + 1] % 16 * 16 + ($v[$i + 2] / 4 | floor)),
      (if $i < 40 then $v[$i + 2] % 4 * 64 + $v[$i + 3] else empty end) | oct] | add end
  end;
def hexoct: explode | map(if . >= 97 then . - 87 else . - 48 end) | [range(0; length; 2) as $i | .[$i] * 16 + .[$i + 1] | oct] | add;
def count: if test("^(0|[1-9][0-9]{0,14})$") then tonumber else null end;
def up: .node = (.node / 2 | floor) | .last = (.last / 2 | floor);
# RFC 9162 section 2.1.3.2: on which side each neighbour stands. null where there are too many or too few.
def path($index; $size; $hashes):
  reduce $hashes[] as $h ({node: $index, last: ($size - 1), way: []};
    if . == null or .last == 0 then null
    elif .node % 2 == 1 or .node == .last then
      .way += [{side: "L", with: $h}] | until(.node % 2 == 1 or .node == 0; up) | up
    else .way += [{side: "R", with: $h}] | up end)
  | if . == null or .last != 0 or $index >= $size then null else .way end;
JQ

# --- the archive ----------------------------------------------------------------------------------------------------------------------

printf '%0512d' 0 | tr 0 '\000' >"$work/block"

# Takes the files out of a tar, which then must be, byte for byte, the tar that these files make: headers and padding are in no list.
unpack() {
  tar=$1 at=0 total=$(wc -c <"$1" | tr -d ' ')
  : >"$work/members"
  while [ $((at * 512)) -lt "$total" ]; do
    set -f
    # shellcheck disable=SC2046
    set -- $(tail -c +$((at * 512 + 1)) "$tar" 2>"$work/null" | head -c 512 | tr '\000-\037\177-\377' ' ')
    set +f
    [ $# -gt 0 ] || break
    case $1 in '' | /* | *..* | *[!A-Za-z0-9._/-]*) stop archive "the tar has a member with an unexpected name" ;; esac
    case ${5-} in '' | *[!0-7]*) stop archive "the tar has a damaged header" ;; esac
    case $1 in */*/*/*) stop archive "the tar has folders that are too deep" ;; */*) ;; *) stop archive "the tar has a file without a folder" ;; esac
    [ ! -e "$work/in/$1" ] || stop archive "the tar has $1 twice"
    size=$((0$5))
    [ $((at * 512 + 512 + size)) -le "$total" ] || stop archive "the tar is cut off"
    [ -d "$work/in/${1%/*}" ] || mkdir -p "$work/in/${1%/*}"
    tail -c +$((at * 512 + 513)) "$tar" 2>"$work/null" | head -c "$size" >"$work/in/$1"
    echo "$1 $size" >>"$work/members"
    at=$((at + 1 + (size + 511) / 512))
  done
  [ -s "$work/members" ] || stop archive "this is no tar that tmux-gate made"
  jq -rR -L "$work" 'include "lib"; def pad($n): explode | . + [range($n - length) | 0];
    def octal($w): . as $n | [range($w - 1; -1; -1) as $i | ($n / pow(8; $i) | floor) % 8 | tostring] | add;
    split(" ") as [$name, $size]
    | (($name | pad(100)) + ("0000644" | pad(8)) + ("0000000" | pad(8)) + ("0000000" | pad(8))
      + ($size | tonumber | octal(11) | pad(12)) + ("00000000000" | pad(12))) as $before
    | (("0" | pad(101)) + ("ustar" | pad(6)) + ("00" | pad(2)) + ("" | pad(247))) as $after
    | (($before + $after | add) + 256 | octal(6) | pad(7)) as $sum
    | "\($name) \($size) \($before + $sum + [32] + $after | map(oct) | add)"' <"$work/members" >"$work/headers"
  made=$({
    while read -r name size header; do
      # shellcheck disable=SC2059
      printf "$header"
      cat "$work/in/$name"
      head -c $(((512 - size % 512) % 512)) "$work/block"
    done <"$work/headers"
    cat "$work/block" "$work/block"
  } | sha)
  [ "$made" = "$(sha <"$tar")" ] || stop archive "the tar has bytes that belong to none of its files"
  top=$(cut -d / -f 1 <"$work/members" | sort -u)
  case $top in *"
"*) stop archive "the tar has more than one folder" ;; esac
  folder=$work/in/$top
}

if [ -d "$target" ]; then
  folder=$(cd -- "$target" && pwd)
else
  [ -r "$target" ] || stop archive "it cannot be read"
  mkdir "$work/in"
  unpack "$target"
fi

self=$(cd -- "$(dirname -- "$0")" && pwd)/$(basename -- "$0")
if [ -z "$nested" ]; then
  echo "This verify.sh has the SHA-256 $(sha <"$self")."
  echo "A script that came with the evidence cannot vouch for itself: compare that with the one that tmux-gate publishes."
  echo
fi

# Every file of the folder, and nothing else, with its digest (rule 5).
digests() {
  set --
  for path in .[!.]* * keys/* proofs/* recordings/* samples/* tree/*; do
    [ -e "$path" ] || [ -L "$path" ] || continue
    [ ! -L "$path" ] || return 1
    case $path in SHA256SUMS) continue ;; keys | proofs | recordings | samples | tree) [ -d "$path" ] && continue ;; esac
    [ -f "$path" ] || return 1
    set -- "$@" "$path"
  done
  sha256sum -- "$@"
}
cd -- "$folder"
for file in SHA256SUMS evidence.json checkpoint keys/host.vkey; do
  [ -f "$file" ] || stop archive "$file is missing"
done
if digests >"$work/digests" 2>"$work/null" && [ "$(sha <"$work/digests")" = "$(sha <SHA256SUMS)" ]; then
  ok archive "its $(count_of SHA256SUMS) files are as SHA256SUMS lists them"
else
  bad archive "its files are not as SHA256SUMS lists them"
  jq -rn --rawfile listed SHA256SUMS --rawfile found "$work/digests" \
    '[($listed, $found) | split("\n") | map(select(. != ""))] | (.[0] - .[1] + (.[1] - .[0])) | map(.[66:]) | unique | .[0:9][] | "        \(tojson[1:-1])"' \
    2>"$work/null" || :
  verdict
fi

is_text evidence.json || stop archive "evidence.json is no plain text"
jq -ser --arg format "$format" 'select(length == 1) | .[0] | select(.format == $format and (.kind == "access" or .kind == "period")
  and ([.host, .id, .made] | map(type == "string" and test("^[A-Za-z0-9._:-]+$")) | all)) | "\(.kind) \(.host) \(.id) \(.made) \(.open == true)"' \
  evidence.json >"$work/about" 2>"$work/null" || stop archive "evidence.json is not of a format that this script knows"
read -r kind host id made open <"$work/about"
[ -z "$nested" ] || [ "$kind $nested" = "access $id $(sha <checkpoint)" ] ||
  stop sample "it is of another access or checkpoint than the archive around it: $id"
case $kind in access) foreign='samples tree' ;; period) foreign='proofs recordings' ;; esac
for path in $foreign; do [ ! -e "$path" ] || stop foreign "$path is no part of evidence of this kind"; done

# --- keys and checkpoint --------------------------------------------------------------------------------------------------------------

# A key as C2SP signed-note writes it: name+id+base64. read_key VKEY KIND, sets key_name and key_id, and writes key.pem
read_key() {
  key_name=${1%%+*}
  rest=${1#*+}
  key_id=${rest%%+*}
  case $1 in *[!\!-~]*) return 1 ;; esac
  case $key_id in [0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f]) ;; *) return 1 ;; esac
  decode "${rest#*+}" "$work/key" || return 1
  [ "$(wc -c <"$work/key" | tr -d ' ')" = 33 ] && [ "$(head -c 1 "$work/key" | hex)" = "$2" ] || return 1
  [ "$({ printf '%s\n' "$key_name"; cat "$work/key"; } | sha | cut -c 1-8)" = "$key_id" ] || return 1
  # RFC 8410: the twelve bytes before an Ed25519 key are sixteen characters of base64.
  printf -- '-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA%s\n-----END PUBLIC KEY-----\n' \
    "$(tail -c 32 "$work/key" | base64 | tr -d '\n')" >"$work/key.pem"
}

holds() { openssl pkeyutl -verify -pubin -inkey "$work/key.pem" -rawin -in "$1" -sigfile "$2" >"$work/null" 2>&1; }

# The text of a note, and its signature lines as `name base64`. split_note FILE PREFIX
split_note() {
  is_text "$1" '\200\224\342' || return 1
  at=0 blank=0
  while IFS= read -r line; do
    at=$((at + 1))
    [ -n "$line" ] || blank=$at # the last one parts them
  done <"$1"
  [ "$blank" -gt 1 ] && [ "$blank" -lt "$at" ] || return 1
  head -n $((blank - 1)) "$1" >"$2.text"
  tail -n +$((blank + 1)) "$1" >"$2.signatures"
}

# Origin, size and root of a checkpoint: sets origin, size, root (base64) and root_hex
read_checkpoint() {
  { read -r origin && read -r size && read -r root; } <"$1" || return 1
  case $size in 0 | [1-9]*) ;; *) return 1 ;; esac
  case $size in *[!0-9]* | ????????????????*) return 1 ;; esac
  decode "$root" "$work/root" && [ "$(wc -c <"$work/root" | tr -d ' ')" = 32 ] || return 1
  root_hex=$(hex <"$work/root")
}

# Whether the note has one good signature of this key, and no bad one. signed_by VKEY KIND PREFIX; sets seen, of a witness
signed_by() {
  read_key "$1" "$2" || return 1
  seen= good=
  while read -r mark name encoded more; do
    [ "$mark" = "$dash" ] && [ -z "$more" ] && decode "$encoded" "$work/sig" || return 1
    [ "$name" = "$key_name" ] && [ "$(head -c 4 "$work/sig" | hex)" = "$key_id" ] || continue
    [ -z "$good" ] || return 1
    if [ "$2" = 01 ]; then
      tail -c +5 "$work/sig" >"$work/sig.raw"
      holds "$3.text" "$work/sig.raw" || return 1
    else
      tail -c +13 "$work/sig" >"$work/sig.raw"
      seen=$((0x$(tail -c +5 "$work/sig" | head -c 8 | hex)))
      { printf 'cosignature/v1\ntime %s\n' "$seen"; cat "$3.text"; } >"$work/cosigned"
      holds "$work/cosigned" "$work/sig.raw" || return 1
    fi
    good=yes
  done <"$3.signatures"
  [ -n "$good" ]
}

is_text keys/host.vkey && [ "$(count_of keys/host.vkey)" = 1 ] || stop key "keys/host.vkey is not one line of text"
host_key=$(cat keys/host.vkey)
if [ -z "$pinned" ]; then
  note key "claimed by this archive. Compare it with what the host's owner gave you, or pass that with --key:"
  printf '        %s\n' "$host_key"
elif [ "$pinned" = "$host_key" ]; then
  ok key "the host's key is the one that you gave"
else
  stop key "the archive is of another key than the one that you gave: $host_key"
fi
split_note checkpoint "$work/now" && read_checkpoint "$work/now.text" || stop checkpoint "it cannot be read"
signed_by "$host_key" 01 "$work/now" || stop checkpoint "it is not signed by the host's key"
[ "$origin" = "tmux-gate/$host" ] && [ "$key_name" = "$origin" ] || stop checkpoint "it is of another host: $origin"
ok checkpoint "of $size records, signed by $origin"
now_size=$size now_root=$root now_hex=$root_hex

witnesses=0
: >"$work/known"
printf '%s\n' "$key_name $key_id" >>"$work/known"
check_witness() {
  if signed_by "$1" 04 "$work/now"; then
    witnesses=$((witnesses + 1))
    printf '%s\n' "$key_name $key_id" >>"$work/known"
    ok witness "$key_name saw this log on $(date -u -d "@$seen" '+%Y-%m-%d %H:%M:%S UTC' 2>"$work/null" || echo "second $seen of 1970")$2"
  else
    bad witness "no good signature of ${1%%+*}"
  fi
}
if [ -f keys/witnesses ]; then
  is_text keys/witnesses || stop witness "keys/witnesses is no plain text"
  while read -r vkey; do
    case "$pinned_witnesses " in
      *" $vkey "*) check_witness "$vkey" '' ;;
      *) check_witness "$vkey" " (by a key that this archive claims: $vkey)" ;;
    esac
  done <keys/witnesses
fi
for vkey in $pinned_witnesses; do
  [ -f keys/witnesses ] && case "
$(cat keys/witnesses)
" in *"
$vkey
"*) continue ;; esac
  bad witness "not signed by ${vkey%%+*}, whose key you gave"
done
while read -r mark name encoded; do
  decode "$encoded" "$work/sig" && case "
$(cat "$work/known")
" in *"
$name $(head -c 4 "$work/sig" | hex)
"*) continue ;; esac
  bad checkpoint "it has a signature of an unknown key: $(printf '%s' "$name" | tr -cd '!-~')"
done <"$work/now.signatures"
if [ "$witnesses" = 0 ]; then
  note witness "no witness. Whoever holds the host's key could have written another history: see VERIFY.md"
fi
[ -s "$work/faults" ] && verdict

# --- the Merkle tree ------------------------------------------------------------------------------------------------------------------

# Follows ways up the tree, all at once, a level at a time. $work/ways.json: {id: [{side, with}]}; $work/sums: `hash  id` of the leaves, to
# which the hashes above are added: the last line of an id is where its way ends.
climb() {
  rm -rf "$work/nodes"
  mkdir "$work/nodes"
  # Lines `level id side neighbour leaf`, in the order of levels and ids. (One jq for all levels: each takes 40 ms to start.)
  jq -rn -L "$work" --slurpfile ways "$work/ways.json" --rawfile sums "$work/sums" 'include "lib";
    ($sums | split("\n") | map(select(. != "") | {key: .[66:], value: .[0:64] | hexoct}) | from_entries) as $leaf
    | [$ways[0] | to_entries[] | .key as $id | .value | to_entries[] | {level: .key, id: $id} + .value] | sort_by(.level, .id)[]
    | "\(.level) \(.id) \(.side) \(.with) \($leaf[.id])"' >"$work/steps"
  level=0 of=
  while read -r at name side with below; do
    if [ "$at" != "$level" ]; then
      hash_nodes
      exec 3<"$work/hashed"
      level=$at of=
    fi
    if [ "$at" != 0 ]; then
      while [ "$of" != "$name" ] && read -r of hash <&3; do :; done
      below=$hash
    fi
    [ "$side" = L ] || { hash=$below below=$with with=$hash; }
    # shellcheck disable=SC2059
    printf "\\001$with$below" >"$work/nodes/$name"
  done <"$work/steps"
  [ ! -s "$work/steps" ] || hash_nodes
}

# The hashes of the nodes: in hex to $work/sums, as octal escapes to $work/hashed, each with its id.
hash_nodes() {
  (cd "$work/nodes" && sha256sum -- * >>"$work/sums" && printf '%s\n' * >"$work/names" && openssl dgst -sha256 -binary -- * >"$work/binary")
  od -An -v -w32 -to1 <"$work/binary" | tr ' ' '\\' | paste "$work/names" - >"$work/hashed"
  rm -f "$work"/nodes/*
}

# Names given twice in one record (rule 6). @param file JSON Lines
has_twice() {
  jq -cn --stream 'foreach inputs as $e ({n: 0}; (if .over then .n += 1 else . end) | .over = (($e | length) == 1 and ($e[0] | length) == 1) | .e = $e;
    if ($e | length) == 2 then [.n, .e[0]] else empty end)' "$1" | sort | uniq -d | head -c 1 | hex
}

# --- one access -----------------------------------------------------------------------------------------------------------------------

# Each record is in the log at the place of its own number.
prove_records() {
  [ -s records.jsonl ] && is_text records.jsonl || stop records "records.jsonl is no plain text"
  jq -rs --arg host "$host" 'if all(.[]; type == "object" and (.n | type == "number" and . == floor and . > 0) and .host == $host
    and (.event | type == "string") and (.at | type == "string")) then .[].n else error end' records.jsonl >"$work/numbers" 2>"$work/null" ||
    stop records "records.jsonl has a line that is no record of $host"
  [ "$(count_of "$work/numbers")" = "$(count_of records.jsonl)" ] || stop records "records.jsonl has not one record a line"
  [ -z "$(has_twice records.jsonl)" ] || stop records "a record has a field twice"
  [ "$(sha <"$work/numbers")" = "$(sort -n -u <"$work/numbers" | sha)" ] || stop records "they are not in the order of the log"
  are_texts '\200\224\342' proofs/* || stop proofs "a file in proofs is no plain text"
  jq -Rn -L "$work" --rawfile checkpoint checkpoint --slurpfile records records.jsonl --argjson size "$now_size" '
    include "lib";
    ($checkpoint | split("\n")[:-1]) as $signed
    | ([inputs | {file: input_filename, text: .}] | group_by(.file) | map({key: .[0].file, value: map(.text)}) | from_entries) as $all
    | if ($all | length) != ($records | length) then null else
      [$records[] | .n as $n | ($all["proofs/\($n).tlog-proof"] // []) as $lines
        | ($lines | index("")) as $until
        | (($lines[1] // "") | if startswith("index ") then .[6:] | count else null end) as $index
        | (if $until == null then [null] else $lines[2:$until] | map(hash64) end) as $hashes
        | {key: "\($n)", value:
            (if $lines[0] != "c2sp.org/tlog-proof@v1" or $index != $n - 1 or ($hashes | index(null)) != null or $lines[$until + 1:] != $signed then null
            else path($index; $size; $hashes) end)}]
      | from_entries end' proofs/*.tlog-proof >"$work/ways.json"
  case $(cat "$work/ways.json") in
    null) stop proofs "there is not one proof for each record" ;;
    *null*)
      jq -r 'to_entries[] | select(.value == null) | .key' "$work/ways.json" >"$work/unproved"
      while read -r n; do bad proofs "record $n: its proof cannot be read, or is for another place or checkpoint"; done <"$work/unproved"
      verdict ;;
  esac
  mkdir "$work/leaves"
  while IFS= read -r line; do
    read -r n <&3
    printf '\000%s' "$line" >"$work/leaves/$n"
  done <records.jsonl 3<"$work/numbers"
  (cd "$work/leaves" && sha256sum -- *) >"$work/sums"
  climb
  jq -rn --rawfile sums "$work/sums" --arg root "$now_hex" '$sums | split("\n") | map(select(. != "") | {key: .[66:], value: .[0:64]})
    | from_entries | to_entries[] | select(.value != $root) | .key' >"$work/outside"
  while read -r n; do bad records "record $n is not in the log as it stands here"; done <"$work/outside"
  [ ! -s "$work/outside" ] || verdict
  ok records "its $(count_of records.jsonl) records are in the log, each at its own place"
}

# Whether the records tell one whole access, and nothing else. Prints lines `word<TAB>check<TAB>text`.
cat >"$work/story.jq" <<'JQ'
def person: [.issuer, .subject];
def second: (.[0:19] + "Z") | fromdateiso8601;
def of($name): map(select(.event == $name));
def one($list; $what): if ($list | length) == 1 then empty else "BAD\tcomplete\t\($what): \($list | length) records" end;
. as $all
| of("requested") as $requests | of("break-glass") as $codes | of("granted") as $granted | of("connected") as $connected
| (($requests | map(.request)) + ($codes | map("GLASS" + .code))) as $rs | ($granted + $codes | map(.grant)) as $gs | ($connected | map(.connection)) as $cs
| ($connected | map(.server)) as $servers
| ([$requests[].who, $granted[].who] | map(person) | unique) as $people
| ($requests | map(select(.extends == null or (.extends.grant as $g | $gs | index($g) | not)))) as $first
| ([$granted[].end, $codes[].end] | max) as $until
| def known($list; $id): $id == null or ($list | index($id)) != null;
  def belongs:
    if .event == "policy" then true
    elif .event == "sign-in" then (.identity | person) as $p | $people | index([$p]) != null
    elif .event == "session-ended" or .event == "session-starting" or (.event == "killed-too" and .connection == null) then .id as $i | ($servers | index($i)) != null
    else ([.request, .grant, .connection] | any(. != null)) and known($rs; .request) and known($cs; .connection)
      and (.event == "deadline-moved" or known($gs; .grant)) end;
  (.[] | select(belongs | not) | "BAD\tforeign\trecord \(.n) (\(.event)) belongs to something else"),
  (if known($rs; $id) or known($gs; $id) or known($cs; $id) then empty else "BAD\tcomplete\tnothing here has the id \($id)" end),
  (if ($first | length) + ($codes | length) == 1 then empty else "BAD\tcomplete\t\(($first | length) + ($codes | length)) records begin this access, and one should" end),
  (if ($people | length) <= 1 then empty else "BAD\tperson\tthe records name more than one requester" end),
  ($requests | map(.request) | group_by(.)[] | select(length > 1) | "BAD\tcomplete\trequest \(.[0]) was made twice"),
  ($requests[] | .request as $r | .extends.grant as $before
    | one($all | map(select(.request == $r and (.event == "granted" or .event == "denied" or .event == "withdrawn" or .event == "lapsed" or .event == "unanswered")) | .event) | unique; "what came of request \($r)") | select($open | not)),
  # Who approved, and that nobody approved their own request.
  ($granted[] | . as $g
    | one($requests | map(select(.request == $g.request)); "the request of grant \($g.grant)"),
    (if ($g.approvers | length) > 0 or $g.auto != null then empty else "BAD\tapproval\tgrant \($g.grant) names nobody who approved" end),
    (if ($g.proofs | length) == ($g.approvers | length) then empty else "BAD\tapproval\tgrant \($g.grant) does not say how each approver proved who they are" end),
    ($g.approvers | to_entries[] | .key as $at | .value as $a | ($g.reviewedOn[$at]? // $host) as $on
      | $a | (if person == ($g.who | person) then "BAD\tapproval\t\($a.claim) approved their own request" else empty end),
        ($all | of("reviewed") | map(select(.request == $g.request and .verdict == "approve" and .digest == $g.digest and (.by | person) == ($a | person)))) as $reviews
      | if ($reviews | length) == 1 then empty
        elif ($reviews | length) == 0 and $on != $host then "note\tapproval\t\($a.claim) approved on \($on): that review is in the journal there. How they proved who they are stands in the grant"
        else "BAD\tcomplete\tthe review of \($a.claim) for \($g.request): \($reviews | length) records" end)),
  # Every grant and every connection begins and ends once.
  ($gs[] as $g | $all | map(select(.grant == $g and (.event == "grant-ended" or .event == "grant-dropped" or .event == "break-glass-unfinished")))
    | if length == 1 or (length == 0 and $open) then empty else "BAD\tcomplete\tthe end of grant \($g): \(length) records" end),
  ($connected[] | . as $c
    | (if known($gs; $c.grant) and $c.grant != null then empty else "BAD\tcomplete\tconnection \($c.connection) is under a grant that is not here" end),
      ($all | of("disconnected") | map(select(.connection == $c.connection))) as $ends
    | (if ($ends | length) == 1 or (($ends | length) == 0 and $open) then empty else "BAD\tcomplete\tthe end of connection \($c.connection): \($ends | length) records" end),
      (if $c.as != null or (($people | length) == 1 and ($c.identity | person) == $people[0]) or ($people | length) == 0 then empty
       else "BAD\tperson\tconnection \($c.connection) is of somebody else" end),
      ($ends[] | select(.n < $c.n) | "BAD\tcomplete\tconnection \($c.connection) ended before it began"),
      ($ends[] | select($until != null and (.at | second) > $until / 1000 + 60) | "note\ttime\tconnection \($c.connection) was over \((.at | second) - ($until / 1000 | floor)) seconds after the end of the access")),
  ($all[] | select(.event != "connected" and .connection != null) | .connection as $c | select($cs | index($c) | not) | "BAD\tcomplete\trecord \(.n) is of connection \($c), whose beginning is not here"),
  # The order in which things may happen.
  ($granted[] | . as $g | ($requests[] | select(.request == $g.request and .n > $g.n) | "BAD\torder\tgrant \($g.grant) was made before its request"),
    ($all[] | select(.event == "reviewed" and .request == $g.request and .verdict == "approve" and .n > $g.n) | "note\torder\ta review of \($g.request) came after its grant"),
    ($connected[] | select(.grant == $g.grant and .n < $g.n) | "BAD\torder\tconnection \(.connection) was before its grant")),
  # Whether it is over, as far as the file itself tells.
  (if $open | not then empty
   elif $until != null and ($made | second) > $until / 1000 + 120 then "BAD\tcomplete\tthe access should have been over when this file was made, and its end is not here"
   else "note\tcomplete\tthis access was not over when the file was made: what came later is not here" end),
  # The policy in force: the newest before the request, and each after it.
  ([$requests[].n, $codes[].n] | min) as $begin
  | (of("policy") | map(select(.n < $begin and (.part // 1) == 1)) | length) as $before
  | if $before == 1 then empty elif $before == 0 then "note\tpolicy\tthis journal does not have the policy that was in force" else "BAD\tforeign\ta policy that was not in force any more" end
JQ

tell() {
  while IFS='	' read -r word check text; do
    case $word in
      BAD) bad "$check" "$text" ;;
      note) note "$check" "$text" ;;
      *) ok "$check" "$text" ;;
    esac
  done <"$1"
}

check_story() {
  jq -rs --arg id "$id" --arg host "$host" --arg made "$made" --argjson open "$open" -f "$work/story.jq" records.jsonl >"$work/told" 2>"$work/why" ||
    stop complete "the records cannot be followed: $(head -c 200 "$work/why" | tr -cd '\040-\176')"
  tell "$work/told"
  case $(cut -f 1 <"$work/told") in *BAD*) ;; *) ok complete "request, reviews, grants, connections and ends are all here, once each, and nothing else is" ;; esac
}

check_policies() {
  # A long text stands in several records, which follow each other.
  jq -rs 'map(select(.event == "policy")) | map(select((.part // 1) == 1)) as $first | ($first[] | "\(.n) \(.sha256)"),
    (if ($first | map(.parts // 1) | add // 0) == length then empty else "missing" end)' records.jsonl >"$work/policies"
  while read -r n digest; do
    if [ "$n" = missing ]; then
      bad policy "a part of a text is missing"
    elif [ "$(jq -js --argjson n "$n" 'map(select(.event == "policy" and .n >= $n)) | .[:.[0].parts // 1][] | .text' records.jsonl | sha)" = "$digest" ]; then
      ok policy "in force from record $n on, SHA-256 $digest"
    else
      bad policy "the text in record $n does not have the digest that stands there"
    fi
  done <"$work/policies"
}

# The recording of one connection. check_recording CONNECTION CHAIN RANGES BYTES; an empty chain: nothing was journaled of it
check_recording() {
  ranges=recordings/$1.ranges file=
  for ending in cast cast.zst cast.zst.age; do
    [ ! -f "recordings/$1.$ending" ] || file=recordings/$1.$ending
  done
  sealed=$(jq -rs --arg c "$1" 'map(select(.event == "recording-sealed" and .connection == $c) | .sha256) | last // ""' records.jsonl)
  purged=$(jq -rs --arg c "$1" 'map(select(.event == "recording-purged" and .connection == $c)
    | "purged on \(.at[0:19]) UTC by \(.by) because \(.reason)") | last // ""' records.jsonl)
  if [ -z "$2" ]; then
    note recording "$1: the journal has no digest of it"
    return
  fi
  is_text "$ranges" || { bad recording "$1: the list of its ranges is missing"; return; }
  chain=$zero at=0 listed=0
  while read -r from to digest; do
    case $from$to in *[!0-9]* | '') break ;; esac
    [ "$from" = "$at" ] && [ "$to" -gt "$from" ] || break
    chain=$(printf '%s%s' "$chain" "$digest" | sha256sum)
    chain=${chain%% *}
    at=$to listed=$((listed + 1))
  done <"$ranges"
  if [ "$listed" != "$(count_of "$ranges")" ] || [ "$listed" != "$3" ] || [ "$chain" != "$2" ] || [ "$at" != "$4" ]; then
    bad recording "$1: its ranges are not those that were journaled"
    return
  fi
  if [ -z "$file" ]; then
    if [ -n "$purged" ]; then note recording "$1: $purged"; else bad recording "$1: it is missing, and no record says that it was purged"; fi
    return
  fi
  if [ "$file" != "recordings/$1.cast" ] && [ "$(sha <"$file")" != "$sealed" ]; then
    bad recording "$1: the file is not the one that was sealed"
    return
  fi
  case $file in
    *.age)
      if [ -z "$plain" ] || [ ! -f "$plain/$1.cast" ]; then
        note recording "$1: as it was sealed, encrypted, $4 bytes. Decrypt it and pass its folder with --plain to check what it says"
        return
      fi
      reader='cat -- "$plain/$1.cast"' ;;
    *.zst) command -v zstd >"$work/null" || { bad recording "zstd is missing"; return; }
      reader='zstd -dcq -- "$file"' ;;
    *) reader='cat -- "$file"' ;;
  esac
  eval "$reader" 2>"$work/null" | {
    while read -r from to digest; do
      found=$(head -c $((to - from)) <&3 | sha256sum)
      [ "${found%% *}" = "$digest" ] || { echo "bytes $from to $to"; break; }
    done 3<&0 <"$ranges"
    [ "$(head -c 1 | wc -c | tr -d ' ')" = 0 ] || echo "what follows byte $4"
  } >"$work/differs"
  if [ -s "$work/differs" ]; then
    bad recording "$1: $(head -n 1 "$work/differs") are not what was journaled"
  else
    ok recording "$1: its $4 bytes are what was journaled while it was written, in $3 ranges"
  fi
}

check_recordings() {
  # By the record of its end, else by that of the last range (each has the digest of all before).
  jq -rs '. as $all | map(select(.event == "connected"))[] | .connection as $c
    | ($all | map(select(.connection == $c and .event == "recording-closed")) | last) as $closed
    | ($all | map(select(.connection == $c and .event == "recording-range")) | last) as $range
    | "\($c) \($closed.chain // $range.chain // "") \($closed.ranges // ($range | if . == null then "" else .range + 1 end)) \($closed.bytes // $range.to // "")"' \
    records.jsonl >"$work/recorded"
  : >"$work/theirs"
  while read -r connection chain ranges bytes; do
    for ending in cast cast.zst cast.zst.age ranges; do echo "recordings/$connection.$ending"; done >>"$work/theirs"
    check_recording "$connection" "$chain" "$ranges" "$bytes"
  done <"$work/recorded"
  for file in recordings/*; do
    [ -e "$file" ] || continue
    case "
$(cat "$work/theirs")
" in *"
$file
"*) ;; *) bad foreign "$file belongs to no connection of this access" ;; esac
  done
}

# From proved records alone (rule 1).
print_access() {
  jq -rs 'def when: .[0:19] | sub("T"; " ") | . + " UTC"; def ms: . / 1000 | floor | todateiso8601 | when;
    def who: "\(.login) (\(.claim), \(.issuer) \(.subject))"; def how: "amr \(.amr // [] | join(",") | if . == "" then "not said" else . end), acr \(.acr // "not said"), authenticated \(.authenticatedAt // null | if . == null then "at a time not said" else ms end)\(if .flow == "code" then ", by the authorization code flow" else "" end)\(if .byLink == true then ", by a link" else "" end)";
    . as $all | .[]
    | if .event == "requested" then "\(.at | when)  \(.who | who) asked for \(.session) as \(.account)\(if .extends then ", to extend \(.extends.grant)" else "" end): \(.reason)"
      elif .event == "break-glass" then "\(.at | when)  BREAK-GLASS by \(.login) for \(.session): \(.reason)"
      elif .event == "reviewed" then "\(.at | when)  \(.by | who): \(.verdict) by rule \(.rule // "not said"); \(.proof | how)"
      elif .event == "granted" then "\(.at | when)  granted \(.grant), \(.start | ms) to \(.end | ms)\(if .auto then ", by the rule \(.auto) and nobody" else "" end)"
      elif .event == "connected" then "\(.at | when)  connected \(.connection): \(.identity.login) (\(.identity.claim)), \(.mode)\(if .as then ", as \(.as)" else "" end), address claimed \(.claimed.address)"
      elif .event == "disconnected" then "\(.at | when)  disconnected \(.connection): \(.why)\(if (.killed // []) != [] then "; killed: " + (.killed | map(if type == "object" then "\(.comm) [\(.pid)]" else . end) | join(", ")) else "" end)"
      elif .event == "sign-in" then "\(.at | when)  \(.login) signed in as \(.identity.claim); \(.identity | how)"
      elif .event == "policy" then "\(.at | when)  policy in force from here on: \(.sha256)"
      else "\(.at | when)  \(.event) \([.grant, .connection, .id, .by, .why, .reason] | map(select(. != null) | if type == "object" then .claim // "" else tostring end) | join(" "))" end' \
    records.jsonl | tr -cd '\n\040-\176'
}

verify_access() {
  prove_records
  check_story
  check_policies
  check_recordings
  verdict
  if [ -z "$nested" ]; then
    printf '\nAccess %s on %s, from the records that were proved:\n\n' "$id" "$host"
    print_access
  fi
}

# --- a period -------------------------------------------------------------------------------------------------------------------------

# SHA-256 of each piece of a file, in order, as hex lines. Some thousands of small files at a time, which one process hashes.
# sums_of KIND FILE, where KIND is `leaf` (of a NUL and a line), `line` or `node` (of 65 bytes)
sums_of() {
  rm -rf "$work/parts"
  mkdir "$work/parts"
  case $1 in
    node) split -a 6 -d -b $((65 * 4000)) "$2" "$work/parts/" ;;
    *) split -a 6 -d -l 4000 "$2" "$work/parts/" ;;
  esac
  for part in "$work"/parts/*; do
    [ -f "$part" ] || continue
    mkdir "$scratch/one"
    (
      cd "$scratch/one"
      case $1 in
        leaf) paste -d '\t' "$work/empty" "$part" | tr '\t' '\000' | split -a 4 -d -l 1 - && truncate -s -1 -- * ;;
        line) split -a 4 -d -l 1 "$part" && truncate -s -1 -- * ;;
        node) split -a 4 -d -b 65 "$part" ;;
      esac
      sha256sum -- * | cut -c 1-64
    )
    rm -rf "$scratch/one"
  done
}

bytes_of_hex() { tr -d '\n' | tr a-f A-F | basenc --base16 -d; }

# Two neighbours make the node above them. A last one without a neighbour is the node above, as it is (RFC 9162 section 2.1.1).
cat >"$work/pairs.jq" <<'JQ'
foreach (inputs, null) as $line ({};
  .out = null
  | if $line == null then
      if .held == null then .
      elif .held[0] % 2 == 0 and (.held[0] + 1) * $span >= $size then .out = "\(.held[0] / 2) = \(.held[1])"
      else error("a hash has no neighbour") end
    else ($line | split(" ") | [(.[0] | tonumber), .[1]]) as $node
    | if .held == null then if $node[0] % 2 == 0 then .held = $node else error("a hash has no neighbour") end
      elif $node[0] == .held[0] + 1 then .out = "\(.held[0] / 2) 01\(.held[1])\($node[1])" | .held = null
      else error("a hash has no neighbour") end
    end;
  .out // empty)
JQ

# From the records that are shown and the hashes of subtrees that hold the others to the root. Both together are the whole log, without a gap.
climb_whole() {
  level=0 span=1
  while :; do
    if [ -f "tree/$level" ]; then sort -n "$work/row" "tree/$level" >"$work/level"; else cat "$work/row" >"$work/level"; fi
    [ "$span" -lt "$now_size" ] || break
    jq -rnR --argjson size "$now_size" --argjson span "$span" -f "$work/pairs.jq" <"$work/level" >"$work/up" 2>"$work/null" || return 1
    case $(tail -n 1 "$work/up") in
      *' = '*) tail -n 1 "$work/up" | cut -d ' ' -f 1,3 >"$work/last"; head -n -1 "$work/up" >"$work/above" ;;
      *) : >"$work/last"; cat "$work/up" >"$work/above" ;;
    esac
    cut -d ' ' -f 2 <"$work/above" | bytes_of_hex >"$work/bytes"
    sums_of node "$work/bytes" >"$work/hashes"
    { cut -d ' ' -f 1 <"$work/above" | paste -d ' ' - "$work/hashes"; cat "$work/last"; } >"$work/row"
    level=$((level + 1)) span=$((span * 2))
  done
  [ "$(cat "$work/level")" = "0 $now_hex" ]
}

# Whether jq, which keeps the last of two fields of one name, has each line as it stands; of the others, whether names are given twice (rule 6).
check_names() {
  jq -ac . records.jsonl >"$work/read"
  [ "$(sha <"$work/read")" != "$(sha <records.jsonl)" ] || return 0
  paste -d '\t' records.jsonl "$work/read" | jq -rR 'split("\t") | select(.[0] != .[1]) | .[0]' >"$work/odd"
  [ ! -s "$work/odd" ] || [ -z "$(has_twice "$work/odd")" ] || stop records "a record has a field twice"
}

prove_shown() {
  [ -s records.jsonl ] && is_text records.jsonl || stop records "records.jsonl is no plain text"
  jq -r --arg host "$host" 'if type == "object" and (.n | type == "number" and . == floor and . > 0 and . < 1e15) and .host == $host
      and (.event | type == "string" and test("^[a-z-]+$")) and (.at | type == "string" and test("^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}[.][0-9]{3}Z$"))
    then "\(.n - 1) \(.n) \(.at) \(.event)" else error("no record") end' records.jsonl >"$work/facts" 2>"$work/null" ||
    stop records "records.jsonl has a line that is no record of $host"
  [ "$(count_of "$work/facts")" = "$(count_of records.jsonl)" ] || stop records "records.jsonl has not one record a line"
  check_names
  cut -d ' ' -f 2 <"$work/facts" >"$work/numbers"
  [ "$(sha <"$work/numbers")" = "$(sort -n -u <"$work/numbers" | sha)" ] || stop records "they are not in the order of the log"
  for file in tree/*; do
    [ -e "$file" ] || continue
    case ${file#tree/} in [0-9] | [1-4][0-9]) ;; *) stop tree "$file is no level of the tree" ;; esac
    is_text "$file" && jq -nRe 'all(inputs; test("^(0|[1-9][0-9]{0,14}) [0-9a-f]{64}$"))' "$file" >"$work/null" || stop tree "$file cannot be read"
  done
  : >"$work/empty"
  sums_of leaf records.jsonl >"$work/leaves"
  cut -d ' ' -f 1 <"$work/facts" | paste -d ' ' - "$work/leaves" >"$work/row"
  climb_whole || stop records "with the hashes of the others they do not lead to the root that was signed: something is changed, left out or added"
  for file in tree/*; do [ ! -e "$file" ] || [ "${file#tree/}" -le "$level" ] || stop tree "$file is no level of the tree"; done
  ok records "its $(count_of records.jsonl) records are in the log, each at its own place; of the others it has the hashes"
}

# The line of a record that is shown. record_at NUMBER
record_at() {
  line=$(jq -n --argjson n "$1" '[inputs] | index($n) // empty | . + 1' "$work/numbers")
  [ -n "$line" ] && tail -n "+$line" records.jsonl 2>"$work/null" | head -n 1
}

# The root that the log had at a size, from the hashes of subtrees. root_at SIZE; sets then_hex
root_at() {
  then_hex= at_level=0
  while [ $(($1 >> at_level)) -gt 0 ]; do
    if [ $((($1 >> at_level) & 1)) = 1 ]; then
      [ -f "tree/$at_level" ] || return 1
      one=$(jq -rR --arg index "$((($1 >> at_level) - 1)) " 'select(startswith($index)) | .[($index | length):]' "tree/$at_level")
      [ -n "$one" ] || return 1
      if [ -z "$then_hex" ]; then then_hex=$one; else then_hex=$(printf '01%s%s' "$one" "$then_hex" | bytes_of_hex | sha); fi
    fi
    at_level=$((at_level + 1))
  done
}

counted='["granted","break-glass","connected","opened","witness-away","witness-back","witness-contradicts"]'

# A head record, with its totals. check_head NUMBER PREFIX; writes PREFIX.head, sets head_at
check_head() {
  record_at "$1" >"$2.head" || stop totals "the head record $1 is not here"
  jq -e --argjson counted "$counted" '.event == "head" and (.totals as $t | all($counted[]; $t[.] | type == "number"))' "$2.head" >"$work/null" 2>&1 ||
    stop totals "record $1 is no head with totals"
  head_at=$(jq -r .at "$2.head")
}

# Where it begins: a head at or before the period, and the log as it was signed then.
check_opening() {
  if [ "$opens" = 0 ]; then
    echo '{"totals":{}}' >"$work/opens.head"
    ok opening "it begins with the first record of the log"
    return
  fi
  check_head "$opens" "$work/opens"
  [ "$(printf '%s\n' "$head_at" "$from" | sort | head -n 1)" = "$head_at" ] || stop opening "record $opens is of $head_at, after the beginning of the period"
  jq -r '.checkpoint[]' "$work/opens.head" >"$work/opening" 2>"$work/null" && split_note "$work/opening" "$work/then" && read_checkpoint "$work/then.text" &&
    signed_by "$host_key" 01 "$work/then" && [ "$origin" = "tmux-gate/$host" ] && [ "$size" -lt "$opens" ] || stop opening "the checkpoint in record $opens cannot be read"
  [ "$size" = 0 ] || { root_at "$size" && [ "$then_hex" = "$root_hex" ]; } || stop opening "the log does not continue the $size records that were signed at $head_at"
  ok opening "it begins at record $opens of $head_at, and the log continues the $size records that were signed by then"
}

# Where it ends: a head at or behind the end of the period, or with everything behind it.
check_closing() {
  check_head "$closes" "$work/closes"
  closes_at=$head_at
  if [ "$(printf '%s\n' "$to" "$closes_at" | sort | head -n 1)" = "$to" ]; then
    ok closing "it ends at record $closes of $closes_at"
    return
  fi
  behind=$(jq -n --argjson n "$closes" '[inputs | select(. > $n)] | length' "$work/numbers")
  [ $((closes + behind)) = "$now_size" ] || stop closing "record $closes is of $closes_at, before the end of the period, and not every record behind it is here"
  note closing "the log ends before the period does: its last record is of $(tail -n 1 "$work/facts" | cut -d ' ' -f 3). What came later is not here"
}

# Rule 7.
check_totals() {
  jq -rnR --argjson counted "$counted" --argjson opens "$opens" --argjson closes "$closes" --slurpfile before "$work/opens.head" --slurpfile after "$work/closes.head" '
    reduce (inputs | split(" ") | select((.[1] | tonumber) > $opens and (.[1] | tonumber) < $closes) | .[3]) as $event ({}; .[$event] = (.[$event] // 0) + 1)
    | . as $here | $counted[] as $event | ($after[0].totals[$event] - ($before[0].totals[$event] // 0)) as $due
    | select(($here[$event] // 0) != $due) | "\($event): \($here[$event] // 0) are here, and the host counted \($due)"' "$work/facts" >"$work/missing"
  while IFS= read -r line; do bad totals "$line"; done <"$work/missing"
  [ ! -s "$work/missing" ] || verdict
  ok totals "between them no grant, use of break-glass, connection or gap of a witness is left out"
  jq -rnR 'foreach (inputs | split(" ")) as $f ({}; .back = (.at != null and $f[2] < .at) | .at = $f[2]; select(.back) | $f[1])' "$work/facts" >"$work/back"
  [ ! -s "$work/back" ] || note time "the clock of the host was set back before record $(head -n 1 "$work/back")"
}

# What a cell of a table is: src/core/csv.ts of tmux-gate does the same.
cat >"$work/table.jq" <<'JQ'
def text: if type == "string" then .[0:400] else "" end;
def said($name): if type == "object" then .[$name] | text else "" end;
def claims: if type == "array" then map(said("claim")) | join("; ") else "" end;
def second: if type == "number" then . / 1000 | floor | todate else "" end;
def inside: .at >= $from and .at < $to;
def login: said("login") as $own | if $own == "" then .who | said("login") else $own end;
def isspace: . == 32 or . == 9 or . == 160 or . == 5760 or (. >= 8192 and . <= 8202) or . == 8239 or . == 8287 or . == 12288;
def unseen: . < 32 or (. >= 127 and . < 160) or . == 173 or (. >= 8203 and . <= 8207) or (. >= 8232 and . <= 8238) or (. >= 8288 and . <= 8303)
  or . == 65279 or (. >= 65529 and . <= 65531) or (. >= 917504 and . <= 921599);
def guarded: reduce explode[] as $c ({out: [], open: true};
    if .open and ($c == 61 or $c == 43 or $c == 45 or $c == 64) then .out += [39, $c] | .open = false
    elif $c == 59 or $c == 44 or $c == 124 then .out += [$c] | .open = true
    elif .open and ($c | isspace) then .out += [$c]
    else .out += [$c] | .open = false end) | .out | implode;
# What needs nothing, by one test: jq compiles a pattern each time.
def cell: if type == "number" then tostring elif . == "" or test("^[A-Za-z0-9]([A-Za-z0-9:._@ -]*[A-Za-z0-9:._@-])?$") then . else (if test("^[ -~]*$") then . else explode | map(if unseen then 65533 else . end) | implode end)
  | (if test("(^|[;,|])\\s*[=+@-]") then guarded else . end)
  | if test("[\",']|^\\s|\\s$") then "\"" + (split("\"") | join("\"\"")) + "\"" else . end end;
def line: map(cell) | join(",");
JQ
cat >"$work/population.jq" <<'JQ'
include "table";
reduce inputs as $r ({}; $r.event as $event | ($r | said("grant")) as $g
  | if $event == "granted" or $event == "break-glass" then
      if $r | inside | not then .
      else ($r | said("auto")) as $rule | ($event == "break-glass") as $glass
      | .[$g] = [$r.n, $r.at, $g, (if $glass then $event elif $rule == "" then "approved" else "auto-approved" end),
        ($r | if $glass then said("login") else .who | said("login") end), ($r.who | said("claim")), ($r | said("session")), ($r | said("mode")),
        ($r | said("reason")), ($r.approvers | claims), $rule, ($r.end | second), ($r | said("extends")), 0, "", "not over"] end
    elif .[$g] == null then .
    elif $event == "connected" then .[$g][13] = .[$g][13] + 1
    elif $event == "grant-ended" then .[$g][14] = $r.at | .[$g][15] = ($r | said("why"))
    elif $event == "grant-dropped" then .[$g][14] = $r.at | .[$g][15] = "dropped"
    elif $event == "break-glass-unfinished" then .[$g][14] = $r.at | .[$g][15] = "unfinished"
    else . end)
| [.[]] | sort_by(.[0])[]
JQ
cat >"$work/exceptions.jq" <<'JQ'
include "table";
def base($kind; $id; $detail): [.n, .at, $kind, $id, login, said("session"), $detail];
reduce inputs as $r ({}; $r.event as $event | ($r | said("grant")) as $g | ($r | said("connection")) as $c
  | if $event == "granted" or $event == "break-glass" then
      ($r | said("auto")) as $rule
      | if $r | inside | not then .
        elif $event == "break-glass" then .["d" + $g] = ($r | base($event; $g; said("reason")) + [false, said("code")])
        elif $rule != "" then .["d" + $g] = ($r | base("auto-approved"; $g; $rule))
        else . end
    elif $event == "connected" then if $r | inside then .["c" + $c] = ($r | base("no-recording"; $c; $g) + [false]) else . end
    elif $event == "recording-range" or ($event == "recording-closed" and ($r.ranges | type == "number" and . > 0)) then
      if .["c" + $c] != null then .["c" + $c][7] = true else . end
    elif $event == "break-glass-reviewed" then if .["d" + $g] != null then .["d" + $g][7] = true else . end
    elif $event == "opened" and $r.accepted != null and ($r | inside) then
      .["o\($r.n)"] = ($r | base("journal-accepted"; ""; "\(.accepted | said("by")): \(.accepted | said("reason"))"))
    elif ($event | startswith("witness-")) and ($r | inside) then .["o\($r.n)"] = ($r | base($event; ""; said("witness")))
    else . end)
| [.[] | (if .[2] == "no-recording" and .[7] then empty else .[0:7] end),
    (if .[2] == "break-glass" and (.[7] | not) then [.[0], .[1], "break-glass-unreviewed", .[3], .[4], .[5], .[8]] else empty end)]
| ["n", "at", "kind", "id", "login", "session", "detail"], sort_by(.[0])[] | line
JQ

# Each table must be the one that the records make.
check_tables() {
  jq -cn -L "$work" --arg from "$from" --arg to "$to" -f "$work/population.jq" records.jsonl >"$work/rows" 2>"$work/why" &&
    jq -rn -L "$work" --arg from "$from" --arg to "$to" 'include "table"; ["n", "at", "access", "kind", "login", "person", "session", "mode", "reason", "approvers", "rule",
      "until", "extends", "connections", "ended", "how"], inputs | line' "$work/rows" >"$work/population.csv" 2>"$work/why" &&
    jq -rn -L "$work" --arg from "$from" --arg to "$to" -f "$work/exceptions.jq" records.jsonl >"$work/exceptions.csv" 2>"$work/why" ||
    stop population "the records cannot be followed: $(head -c 200 "$work/why" | tr -cd '\040-\176')"
  for table in population exceptions; do
    [ -f "$table.csv" ] && [ "$(sha <"$table.csv")" = "$(sha <"$work/$table.csv")" ] || bad "$table" "$table.csv is not what the records say"
  done
  [ ! -s "$work/faults" ] || verdict
  jq -r --arg now "$closes_at" 'select(.[15] == "not over" and .[11] != "" and (.[11] | fromdateiso8601) + 120 < ($now[0:19] + "Z" | fromdateiso8601)) | .[2]' \
    "$work/rows" >"$work/endless"
  while read -r access; do bad complete "access $access should have been over by $closes_at, and its end is not here"; done <"$work/endless"
  [ ! -s "$work/endless" ] || verdict
  ok population "$(count_of "$work/rows") accesses, as population.csv lists them"
  ok exceptions "$(($(count_of "$work/exceptions.csv") - 1)) exceptions, as exceptions.csv lists them"
}

# The order of the draw is that of SHA-256 of `SEED:ID`.
check_sample() {
  count=$(jq -r '.sample // ""' evidence.json)
  seed=$(jq -r '.seed // ""' evidence.json)
  if [ -z "$count" ]; then
    [ -z "$pinned_seed" ] || bad sample "there is none, and you gave a seed"
    [ ! -e samples ] || bad foreign "samples are here, and evidence.json names none"
    return
  fi
  if [ -z "$pinned_seed" ]; then note sample "the seed $seed is the archive's own: whoever made it may have tried several. Name one yourself, and pass it with --seed"
  elif [ "$pinned_seed" != "$seed" ]; then stop sample "it was drawn by another seed than yours: $seed"; fi
  jq -r '.[2]' "$work/rows" >"$work/ids"
  jq -nRe 'all(inputs; test("^[0-9A-Za-z]{1,32}$"))' "$work/ids" >"$work/null" || stop sample "an access has no id that can be drawn"
  jq -rR --arg seed "$seed" '"\($seed):\(.)"' "$work/ids" >"$work/tickets"
  sums_of line "$work/tickets" | paste -d ' ' - "$work/ids" | sort | head -n "$count" | cut -d ' ' -f 2 >"$work/drawn"
  sort <"$work/drawn" >"$work/due"
  for file in samples/*; do [ ! -e "$file" ] || printf '%s\n' "${file#samples/}"; done | sort >"$work/there"
  [ "$(jq -rR '"\(.).tar"' "$work/due" | sort | sha)" = "$(sha <"$work/there")" ] || stop sample "its archives are not those that the seed $seed draws"
  ok sample "the seed $seed draws $(count_of "$work/drawn") of $(count_of "$work/ids"), and they are here"
  checkpoint_sum=$(sha <checkpoint)
  while read -r access; do check_drawn "$access"; done <"$work/drawn"
}

# An archive of one access, by this script.
check_drawn() {
  set -- "$1" --key "$host_key" ${plain:+--plain "$plain"}
  access=$1
  shift
  if sh "$self" --nested "$access $checkpoint_sum" "$@" "samples/$access.tar" >"$work/nested" 2>&1; then
    ok sample "$access is verified"
    while IFS= read -r line; do case $line in '  note  witness '*) ;; '  note  '*) note sample "$access: ${line#  note  }" ;; esac; done <"$work/nested"
  else
    bad sample "$access is not:"
    jq -rR 'select(startswith("  BAD") or startswith("NOT")) | "        \(.)"' "$work/nested"
  fi
}

print_period() {
  printf '\nPeriod %s on %s, from %s up to %s, which is no part of it:\n\n' "$id" "$host" "$from" "$to"
  jq -rn --slurpfile rows "$work/rows" '($rows | length | "  \(.) accesses"), ($rows | group_by(.[3])[] | "    \(length) \(.[0][3])"),
    ($rows | map(select(.[15] == "not over")) | length | if . == 0 then empty else "    \(.) of them not over" end)'
  echo "  exceptions, in exceptions.csv"
  tail -n +2 "$work/exceptions.csv" | cut -d , -f 3 | sort | uniq -c | jq -rR 'ltrimstr(" ") | "    \([splits(" +")] | map(select(. != "")) | join(" "))"' | tr -cd '\n\040-\176'
}

verify_period() {
  jq -e '([.from, .to] | all(type == "string" and test("^[0-9]{4}-[0-9]{2}-[0-9]{2}T00:00:00[.]000Z$")))
    and ([.opens, .closes, .sample // 1] | all(type == "number" and . == floor and . >= 0 and . < 1e15)) and (.seed == null or (.seed | type == "string" and test("^[A-Za-z0-9._-]{1,64}$")))
    and ((.seed == null) == (.sample == null))' evidence.json >"$work/null" 2>&1 || stop archive "evidence.json does not say of which period this is"
  from=$(jq -r .from evidence.json)
  to=$(jq -r .to evidence.json)
  opens=$(jq -r .opens evidence.json)
  closes=$(jq -r .closes evidence.json)
  prove_shown
  check_opening
  check_closing
  check_totals
  check_tables
  check_sample
  verdict
  print_period
}

if [ -z "$nested" ]; then printf 'Evidence of %s %s on %s, made %s.\n\n' "$kind" "$id" "$host" "$made"; fi
case $kind in access) verify_access ;; period) verify_period ;; esac
verdict
finished=yes
if [ -n "$nested" ]; then exit 0; fi
rest=
[ -n "$pinned" ] || rest=', if the key above is the host'"'"'s'
[ "$witnesses" -gt 0 ] || rest="$rest, and if whoever holds that key did not write another history"
printf '\nVERIFIED%s. Notes: %s.\n' "$rest" "$(count_of "$work/notes")"
