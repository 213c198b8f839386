"""A second verifier of evidence of one access, written from docs/evidence.md: Python's library and openssl. verify.py FOLDER [VKEY]"""
import base64, datetime, hashlib, json, pathlib, struct, subprocess, sys, tempfile
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
person, day = lambda who: (who['issuer'], who['subject']), lambda text: datetime.datetime.fromisoformat(text.replace('Z', '+00:00')).timestamp()
numbers = [record['n'] for record in records]
check(numbers == sorted(set(numbers)), 'order of the log')
policies = of('policy')
for policy in of('policy', part=1): check(hexsha(''.join(one['text'] for one in [one for one in policies if one['n'] >= policy['n']][:policy['parts']]).encode()) == policy['sha256'], 'policy')
check(sum(one['parts'] for one in of('policy', part=1)) == len(policies), 'a part of a policy')
names = {'requested': 'request', 'granted': 'grant', 'break-glass': 'grant', 'connected': 'connection'}
begun = [one[names[one['event']]] for one in records if one['event'] in names] + ['GLASS' + one['code'] for one in of('break-glass')]
ids, first = set(begun), of('requested', extends=None) + of('break-glass')
check(len(begun) == len(ids), 'what begins twice')
check(about['id'] in ids, 'the id')
check(all(one[name] in ids for one in records for name in one.keys() & set(names.values()) if one[name] is not None), 'a record of something else')
check(len(first) == 1, 'another access')
check(len([one for one in of('policy', part=1) if one['n'] < min(one['n'] for one in first)]) <= 1, 'a policy of before')
people = {person(one['who']) for one in of('requested') + of('granted')}
check(len(people) <= 1 and all(person(one['identity']) in people for one in of('sign-in') + [one for one in of('connected') if people and not one.get('as')]), 'another person')
ends, once = ('granted', 'denied', 'withdrawn', 'lapsed', 'unanswered'), (0, 1) if about['open'] else (1,)
check(all(about['open'] or len({one['event'] for one in records if one.get('request') == asked['request'] and one['event'] in ends}) == 1 for asked in of('requested')), 'what came of a request')
for grant in of('granted'):
    asked, on = of('requested', request=grant['request']), grant['reviewedOn']
    check(len(asked) == 1 and asked[0]['n'] < grant['n'], 'its request')
    check(grant['approvers'] or grant.get('auto'), 'nobody approved')
    check(len(grant['proofs']) == len(grant['approvers']), 'proofs of the approvers')
    check(person(grant['who']) not in map(person, grant['approvers']), 'approved by themselves')
    reviews = [[one for one in of('reviewed', request=grant['request'], verdict='approve', digest=grant['digest']) if person(one['by']) == person(by)] for by in grant['approvers']]
    check(all(len(found) == 1 or (not found and on[at] != about['host']) for at, found in enumerate(reviews)), 'review')
    check(all(one['n'] > grant['n'] for one in of('connected', grant=grant['grant'])), 'a connection before its grant')
check(all(len(of('grant-ended', grant=one['grant']) + of('grant-dropped', grant=one['grant'])) in once for one in of('granted') + of('break-glass')), 'ends of grants')
for one in of('connected'):
    gone = of('disconnected', connection=one['connection'])
    check(one['grant'] in ids, 'a connection without a grant')
    check(len(gone) in once, 'end of a connection')
    check(all(end['n'] > one['n'] for end in gone), 'an end before the beginning')
check(not about['open'] or day(about['made']) <= max(one['end'] for one in of('granted') + of('break-glass') or [{'end': 1e15}]) / 1000 + 120, 'it should have been over')
for closed in of('recording-closed'):
    connection, chain = closed['connection'], '0' * 64
    ranges, files = [line.split(' ') for line in (folder / f'recordings/{connection}.ranges').read_text().split('\n')[:-1]], list(folder.glob(f'recordings/{connection}.cast*'))
    for one in ranges: chain = hexsha((chain + one[2]).encode())
    check((chain, len(ranges), ranges[-1][1], [one[0] for one in ranges[1:]]) == (closed['chain'], closed['ranges'], str(closed['bytes']), [one[1] for one in ranges[:-1]]) and ranges[0][0] == '0', 'ranges')
    check(files or of('recording-purged', connection=connection), 'a recording that is gone')
    check(all(of('recording-sealed', connection=connection, sha256=hexsha(path.read_bytes())) for path in files if path.suffix != '.cast'), 'another recording')
    for path in [path for path in files if path.suffix != '.age']:
        content = path.read_bytes() if path.suffix == '.cast' else subprocess.run(['zstd', '-dcq', path], capture_output=True).stdout
        check(len(content) == closed['bytes'] and all(hexsha(content[int(start):int(end)]) == digest for start, end, digest in ranges), 'what it says')
check(all(path.name.split('.')[0] in ids for path in folder.glob('recordings/*')), 'a recording of something else')
print('VERIFIED')
