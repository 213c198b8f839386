"""A second verifier of evidence of one access, written from docs/evidence.md: Python's library and openssl. verify.py FOLDER [VKEY]"""
import base64, hashlib, json, pathlib, struct, subprocess, sys, tempfile
folder, sha, hexsha = pathlib.Path(sys.argv[1]), lambda data: hashlib.sha256(data).digest(), lambda data: hashlib.sha256(data).hexdigest()
check = lambda holds, what: bool(holds) or sys.exit('NOT VERIFIED: ' + what)
def unbase64(text, *length):
    data = base64.b64decode(text, validate=True)
    check(base64.b64encode(data) == text and len(data) in (length or [len(data)]), 'base64')
    return data
def key_of(line, kind):
    (name, keyid, _), data = line.split(b'+', 2), unbase64(line.split(b'+', 2)[2], 33)
    check(data[0] == kind and sha(name + b'\n' + data)[:4].hex().encode() == keyid, 'key')
    return name, bytes.fromhex(keyid.decode()), data[1:]
def signed(public, message, signature):
    with tempfile.TemporaryDirectory() as at:
        for name, data in (('k', bytes.fromhex('302a300506032b6570032100') + public), ('m', message), ('s', signature)): pathlib.Path(at, name).write_bytes(data)
        return not subprocess.run('openssl pkeyutl -verify -pubin -keyform DER -inkey k -rawin -in m -sigfile s'.split(), cwd=at, capture_output=True).returncode
def root_of(node, last, leaf, proof):
    for other in proof:
        check(last > 0, 'a proof that is too long')
        leaf = sha(b'\1' + other + leaf) if node % 2 or node == last else sha(b'\1' + leaf + other)
        while node == last and node % 2 == 0 and node: node, last = node // 2, last // 2
        node, last = node // 2, last // 2
    check(last == 0, 'a proof that is too short')
    return leaf
names = sorted((str(path.relative_to(folder)) for path in folder.rglob('*') if path.is_file()), key=lambda name: (name.count('/'), name))
sums = ''.join(f'{hexsha((folder / name).read_bytes())}  {name}\n' for name in names if name != 'SHA256SUMS')
about, host_line = json.loads((folder / 'evidence.json').read_bytes()), (folder / 'keys/host.vkey').read_bytes().rstrip(b'\n')
check((folder / 'SHA256SUMS').read_bytes() == sums.encode() and sys.argv[2:] in ([], [host_line.decode()]), 'files, or another key')
keys = [key_of(host_line, 1)] + [key_of(line, 4) for path in folder.glob('keys/witnesses') for line in path.read_bytes().split(b'\n')[:-1]]
note, seen = (folder / 'checkpoint').read_bytes(), set()
text, signatures = note[: note.rindex(b'\n\n') + 1], note[note.rindex(b'\n\n') + 2 :]
for line in signatures.decode().split('\n')[:-1]:
    (dash, name, encoded), data = line.split(' '), unbase64(line.split(' ')[2].encode())
    at = next((n for n, key in enumerate(keys) if dash == '\u2014' and key[0] == name.encode() and key[1] == data[:4]), None)
    message, signature = (text, data[4:]) if at == 0 else (b'cosignature/v1\ntime %d\n' % struct.unpack('>Q', data[4:12]) + text, data[12:])
    seen.add(check(at is not None and signed(keys[at][2], message, signature), 'signature') and at)
origin, size, root = text.split(b'\n')[:3]
check(seen == set(range(len(keys))) and origin == b'tmux-gate/' + about['host'].encode() == keys[0][0], 'signers or host')
lines = (folder / 'records.jsonl').read_bytes().split(b'\n')[:-1]
if about['kind'] == 'period': sys.exit(exec(pathlib.Path(__file__).with_name('verify_period.py').read_text()))
records = [json.loads(line, object_pairs_hook=lambda items: check(len(items) == len(dict(items)), 'a field twice') and dict(items)) for line in lines]
for record, line in zip(records, lines if check(len(lines) == len(list(folder.glob('proofs/*'))), 'proofs') else []):
    (first, index, *proof), rest = (lambda parts: (parts[0].split(b'\n'), parts[2]))((folder / f'proofs/{record["n"]}.tlog-proof').read_bytes().partition(b'\n\n'))
    check(first == b'c2sp.org/tlog-proof@v1' and index == b'index %d' % (record['n'] - 1) and rest == note and record['host'] == about['host'], 'proof')
    check(root_of(record['n'] - 1, int(size) - 1, sha(b'\0' + line), [unbase64(one, 32) for one in proof]) == unbase64(root, 32), f'record {record["n"]}')
of = lambda event, **fields: [one for one in records if one['event'] == event and all(one.get(name) == value for name, value in fields.items())]
for policy in of('policy', part=1): check(hexsha(''.join(one['text'] for one in [one for one in of('policy') if one['n'] >= policy['n']][:policy['parts']]).encode()) == policy['sha256'], 'policy')
names = {'requested': 'request', 'granted': 'grant', 'break-glass': 'grant', 'connected': 'connection'}
ids = {one[names[one['event']]] for one in records if one['event'] in names} | {'GLASS' + one['code'] for one in of('break-glass')}
check(about['id'] in ids and all(one.get(name, about['id']) in ids for one in records for name in set(names.values())) and len(of('requested', extends=None) + of('break-glass')) == 1, 'another access')
for grant in of('granted'):
    check(of('requested', request=grant['request']) and grant['who'] not in grant['approvers'] and (grant['approvers'] or grant.get('auto')), 'request or approval')
    check(all(of('reviewed', request=grant['request'], by=one, verdict='approve', digest=grant['digest']) or on != about['host'] for one, on in zip(grant['approvers'], grant['reviewedOn'])), 'review')
check(about['open'] or all(len(of('grant-ended', grant=one['grant']) + of('grant-dropped', grant=one['grant'])) == 1 for one in of('granted') + of('break-glass')) and all(len(of('disconnected', connection=one['connection'])) == 1 for one in of('connected')) and all(of('connected', connection=one['connection']) for one in records if 'connection' in one), 'connections')
for closed in of('recording-closed'):
    connection, chain = closed['connection'], '0' * 64
    ranges, files = [line.split(' ') for line in (folder / f'recordings/{connection}.ranges').read_text().split('\n')[:-1]], list(folder.glob(f'recordings/{connection}.cast.zst*'))
    for one in ranges: chain = hexsha((chain + one[2]).encode())
    check((chain, len(ranges), ranges[-1][1], [one[0] for one in ranges[1:]]) == (closed['chain'], closed['ranges'], str(closed['bytes']), [one[1] for one in ranges[:-1]]) and ranges[0][0] == '0', 'ranges')
    check(all(of('recording-sealed', sha256=hexsha(path.read_bytes())) for path in files) and (files or of('recording-purged', connection=connection)), 'recording')
print('VERIFIED')
