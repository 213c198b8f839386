"""A second verifier of evidence of one access, from docs/evidence.md, with openssl and zstd: verify.py FOLDER [VKEY]"""
import base64, hashlib, json, pathlib, subprocess, sys, tempfile
folder, read = pathlib.Path(sys.argv[1]), lambda name: (folder / name).read_bytes()
sha, check = lambda data: hashlib.sha256(data).digest(), lambda holds, what: holds or sys.exit(f'NOT VERIFIED: {what}')
lines_of = lambda data: check(data[-1:] == b'\n', 'the end of a file') and data.split(b'\n')[:-1]
unbase64 = lambda text: check(base64.b64encode(data := base64.b64decode(text)) == text, 'base64') and data
once = lambda fields: check(len(fields) == len(dict(fields)), 'a field twice') and dict(fields)
def key_of(line, kind):
    (name, keyid), data = line.split(b'+', 2)[:2], unbase64(line.split(b'+', 2)[2])
    check((id := sha(name + b'\n' + data)[:4]).hex().encode() == keyid and data[0] == kind and len(data) == 33, 'key')
    return (b'\xe2\x80\x94 ' + name, id), bytes.fromhex('302a300506032b6570032100') + data[1:]
def signed(key, message, signature):
    with tempfile.TemporaryDirectory() as at:
        for name, data in (('k', key), ('m', message), ('s', signature)): pathlib.Path(at, name).write_bytes(data)
        words = 'openssl pkeyutl -verify -pubin -keyform DER -inkey k -rawin -in m -sigfile s'.split()
        return subprocess.run(words, cwd=at, capture_output=True).returncode == 0
def root_of(index, size, leaf, proof):
    if size == 1: return check(index == 0 and not proof, 'the length of a proof') and leaf
    (*rest, other), half = proof, 1 << (size - 1).bit_length() >> 1
    if index < half: return sha(b'\1' + root_of(index, half, leaf, rest) + other)
    return sha(b'\1' + other + root_of(index - half, size - half, leaf, rest))
names = [str(at.relative_to(folder)) for at in folder.rglob('*') if at.is_file()]
sums = sorted(f'{sha(read(name)).hex()}  {name}'.encode() for name in names if name != 'SHA256SUMS')
about, (vkey,), note = json.loads(read('evidence.json')), lines_of(read('keys/host.vkey')), read('checkpoint')
check(sys.argv[2:] in ([], [vkey.decode()]) and sorted(lines_of(read('SHA256SUMS'))) == sums, 'files, or the key')
keys = dict([key_of(vkey, 1), *(key_of(k, 4) for p in folder.glob('keys/witnesses') for k in lines_of(p.read_bytes()))])
(host, *_), seen, text = keys, set(), note[: note.rindex(b'\n\n') + 1]
for start, data in ((one.rsplit(b' ', 1)[0], unbase64(one.split(b' ')[-1])) for one in lines_of(note[len(text) + 1 :])):
    cosigned = b'cosignature/v1\ntime %d\n' % int.from_bytes(data[4:12], 'big') + text
    message, signature = (text, data[4:]) if (at := (start, data[:4])) == host else (cosigned, data[12:])
    seen.add(check(at in keys and signed(keys[at], message, signature), 'signature') and at)
origin, size, root = (of(line) for of, line in zip((bytes, int, unbase64), text.split(b'\n')))
check(seen == set(keys) and origin == f'tmux-gate/{about["host"]}'.encode() == vkey.split(b'+')[0], 'signers')
lines = lines_of(read('records.jsonl'))
records = [json.loads(line, object_pairs_hook=once) for line in lines]
check([r['n'] for r in records] == sorted({r['n'] for r in records if r['host'] == about['host']}), 'order of the log')
of = lambda *events, **has: [r for r in records if r['event'] in events and all(r.get(k) == has[k] for k in has)]
def access():
    for r, line, _ in zip(records, lines, folder.glob('proofs/*'), strict=True):
        head, _, rest = read(f'proofs/{r["n"]}.tlog-proof').partition(b'\n\n')
        first, index, *proof = head.split(b'\n')
        check(first == b'c2sp.org/tlog-proof@v1' and index == b'index %d' % (r['n'] - 1) and rest == note, 'proof')
        check(root_of(r['n'] - 1, size, sha(b'\0' + line), list(map(unbase64, proof))) == root, 'record')
    ids = {'requested': 'request', 'granted': 'grant', 'break-glass': 'grant', 'connected': 'connection'}
    begun = [r[ids[r['event']]] for r in of(*ids)] + ['GLASS' + r['code'] for r in of('break-glass')]
    check(len(begun) == len({*begun}) and len(of('requested', extends=None) + of('break-glass')) == 1, 'what begins')
    check({about['id'] or 0} | {r[k] for r in records for k in r if k in ids.values()} <= {None, *begun}, 'foreign')
    for c, closed in ((one['connection'], one) for one in of('recording-closed')):
        *ranges, rest = (line.split(' ') for line in read(f'recordings/{c}.ranges').decode().split('\n'))
        at, chain, wanted = '0', '0' * 64, (closed['chain'], closed['ranges'], str(closed['bytes']), [''])
        for start, end, one in ranges: at, chain = check(start == at, 'gap') and end, sha((chain + one).encode()).hex()
        check((chain, len(ranges), at, rest) == wanted, 'ranges')
        for p in [*folder.glob(f'recordings/{c}.cast*')] or check(of('recording-purged', connection=c), 'gone') and []:
            digest = sha(p.read_bytes()).hex()
            check(p.suffix == '.cast' or of('recording-sealed', connection=c, sha256=digest), 'another recording')
            text = subprocess.run(['zstd', '-dcqf', p], capture_output=True).stdout
            good = len(text) == closed['bytes'] and all(sha(text[int(a) : int(b)]).hex() == d for a, b, d in ranges)
            check(p.suffix == '.age' or good, 'what it says')
    check(all(at.name.split('.')[0] in begun for at in folder.glob('recordings/*')), 'a recording of something else')
if __name__ == '__main__': print('VERIFIED', access() or '')
