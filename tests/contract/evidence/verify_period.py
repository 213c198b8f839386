"""The part of verify.py that is about a period; it is run with its names. Written from docs/evidence.md."""
import collections, tarfile, datetime
log_size, shown, level_files = int(size), [json.loads(line, object_pairs_hook=lambda items: check(len(items) == len(dict(items)), 'a field twice') and dict(items)) for line in lines], list(folder.glob('tree/*'))
check(all(one['host'] == about['host'] for one in shown) and [one['n'] for one in shown] == sorted({one['n'] for one in shown}), 'records')
level, row = 0, {one['n'] - 1: sha(b'\0' + line) for one, line in zip(shown, lines)}
hidden = {int(path.name): {int(line.split(' ')[0]): bytes.fromhex(line.split(' ')[1]) for line in path.read_text().split('\n')[:-1]} for path in level_files}
while True:
    check(not row.keys() & hidden.get(level, {}).keys(), 'a hash twice')
    row.update(hidden.get(level, {}))
    if 1 << level >= log_size: break
    last = (log_size - 1) >> level
    check(all(index <= last and (index ^ 1 in row or (index == last and index % 2 == 0)) for index in row), 'a gap in the tree')
    row = {index >> 1: sha(b'\1' + row[index] + row[index + 1]) if index + 1 in row else row[index] for index in row if index % 2 == 0}
    level += 1
check(list(row) == [0] and row[0] == unbase64(root, 32) and max(hidden, default=0) <= level, 'the records do not lead to the root')
by_n = {one['n']: one for one in shown}
opens, closes = by_n.get(about['opens'], {'totals': {}, 'at': ''}), by_n[about['closes']]
check(about['opens'] == 0 or (opens['event'] == 'head' and opens['at'] <= about['from']), 'opening')
check(closes['event'] == 'head' and (closes['at'] >= about['to'] or all(n in by_n for n in range(closes['n'], log_size + 1))), 'closing')
if about['opens']:
    earlier, acc = opens['checkpoint'], None
    at, was = int(earlier[1]), '\n'.join(earlier[:3]) + '\n'
    signature = unbase64(earlier[-1].split(' ')[2].encode())
    check(earlier[0].encode() == origin and earlier[3] == '' and signed(keys[0][2], was.encode(), signature[4:]) and at < opens['n'], 'the earlier checkpoint')
    for bit in range(at.bit_length()):
        if at >> bit & 1: acc = hidden[bit][(at >> bit) - 1] if acc is None else sha(b'\1' + hidden[bit][(at >> bit) - 1] + acc)
    check(at == 0 or acc == unbase64(earlier[2].encode(), 32), 'the log does not continue the earlier checkpoint')
counted = 'granted break-glass connected opened witness-away witness-back witness-contradicts'.split()
here = collections.Counter(one['event'] for one in shown if about['opens'] < one['n'] < about['closes'])
check(all(here[one] == closes['totals'][one] - opens['totals'].get(one, 0) for one in counted), 'totals')
inside = lambda one: about['from'] <= one['at'] < about['to']
def cell(value):
    value, guarded, begins = ''.join('\ufffd' if not one.isprintable() and one != ' ' else one for one in str(value)), '', True
    for one in value:
        guarded += "'" + one if begins and one in '=+-@' else one
        begins = one in ';,|\t' or (begins and one.isspace())
    return '"' + guarded.replace('"', '""') + '"' if any(one in guarded for one in '",\'') or guarded != guarded.strip() else guarded
table = lambda head, rows: (head + '\n' + ''.join(','.join(map(cell, row)) + '\n' for row in rows)).encode()
said = lambda one, name: (lambda value: value[:400] if isinstance(value, str) else '')((one or {}).get(name))
second = lambda ms: datetime.datetime.fromtimestamp(ms // 1000, datetime.timezone.utc).strftime('%Y-%m-%dT%H:%M:%SZ') if ms is not None else ''
rows, troubles, recorded, how = {}, [], set(), {'grant-dropped': 'dropped', 'break-glass-unfinished': 'unfinished'}
reviewed = {one['grant'] for one in shown if one['event'] == 'break-glass-reviewed'}
recorded = {one['connection'] for one in shown if one['event'] == 'recording-range' or (one['event'] == 'recording-closed' and one['ranges'] > 0)}
for one in shown:
    event, grant, glass = one['event'], one.get('grant'), one['event'] == 'break-glass'
    base = lambda kind, id, detail: troubles.append([one['n'], one['at'], kind, id, said(one, 'login') or said(one.get('who'), 'login'), said(one, 'session'), detail])
    if event in ('granted', 'break-glass') and inside(one):
        rows[grant] = [one['n'], one['at'], grant, event if glass else 'auto-approved' if one.get('auto') else 'approved', said(one if glass else one['who'], 'login'), said(one.get('who'), 'claim'), said(one, 'session'), said(one, 'mode'), said(one, 'reason'), '; '.join(person['claim'] for person in one.get('approvers', [])), said(one, 'auto'), second(one.get('end')), said(one, 'extends'), 0, '', 'not over']
        if glass: base(event, grant, said(one, 'reason'))
        if glass and grant not in reviewed: base('break-glass-unreviewed', grant, one['code'])
        if not glass and one.get('auto'): base('auto-approved', grant, one['auto'])
    elif event == 'connected':
        if grant in rows: rows[grant][13] += 1
        if inside(one) and one['connection'] not in recorded: base('no-recording', one['connection'], grant)
    elif event in ('grant-ended', *how) and grant in rows: rows[grant][14:] = [one['at'], how.get(event, one.get('why'))]
    elif event.startswith('witness-') and inside(one): base(event, '', one['witness'])
    elif event == 'opened' and 'accepted' in one and inside(one): base('journal-accepted', '', one['accepted']['by'] + ': ' + one['accepted']['reason'])
check((folder / 'population.csv').read_bytes() == table('n,at,access,kind,login,person,session,mode,reason,approvers,rule,until,extends,connections,ended,how', rows.values()), 'population.csv')
check((folder / 'exceptions.csv').read_bytes() == table('n,at,kind,id,login,session,detail', troubles), 'exceptions.csv')
check(all(row[15] != 'not over' or row[11] > closes['at'] for row in rows.values()), 'an end is missing')
drawn = sorted(rows, key=lambda id: hexsha(f'{about["seed"]}:{id}'.encode()))[: about['sample']] if 'sample' in about else []
check({path.name for path in folder.glob('samples/*')} == {f'{id}.tar' for id in drawn}, 'the sample')
for id in drawn:
    with tempfile.TemporaryDirectory() as at:
        tarfile.open(folder / f'samples/{id}.tar').extractall(at)
        one = next(pathlib.Path(at).iterdir())
        check(json.loads((one / 'evidence.json').read_text())['id'] == id and (one / 'checkpoint').read_bytes() == note, 'another sample')
        check(subprocess.run([sys.executable, __file__, str(one), host_line.decode()], capture_output=True).returncode == 0, f'sample {id}')
print('VERIFIED')
