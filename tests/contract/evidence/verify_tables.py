"""The tables and the sample of evidence of a period, from docs/evidence.md: verify_tables.py FOLDER [VKEY]"""
import datetime, json, pathlib, subprocess, sys, tarfile, tempfile
from verify_period import about, check, closes, folder, records
from verify import note, read, sha, vkey

def cell(value):
    value, guarded, begins = ''.join('\ufffd' if not c.isprintable() and c != ' ' else c for c in str(value)), '', True
    for c in value:
        guarded += "'" + c if begins and c in '=+-@' else c
        begins = c in ';,|\t' or (begins and c.isspace())
    quoted = any(c in guarded for c in '",\'') or guarded != guarded.strip()
    return '"' + guarded.replace('"', '""') + '"' if quoted else guarded
table = lambda head, rows: (head + '\n' + ''.join(','.join(map(cell, row)) + '\n' for row in rows)).encode()
said = lambda r, name: r[name][:400] if isinstance((r or {}).get(name), str) else ''
utc = lambda ms: datetime.datetime.fromtimestamp(ms // 1000, datetime.timezone.utc).strftime('%Y-%m-%dT%H:%M:%SZ')
inside = lambda r: about['from'] <= r['at'] < about['to']

rows, troubles, how = {}, [], {'grant-dropped': 'dropped', 'break-glass-unfinished': 'unfinished'}
reviewed = {r['grant'] for r in records if r['event'] == 'break-glass-reviewed'}
ranges = [r for r in records if r['event'] in ('recording-range', 'recording-closed')]
recorded = {r['connection'] for r in ranges if r['event'] == 'recording-range' or r['ranges'] > 0}
for r in records:
    event, grant, glass, who = r['event'], r.get('grant'), r['event'] == 'break-glass', r.get('who')
    def trouble(kind, id, detail):
        login = said(r, 'login') or said(who, 'login')
        troubles.append([r['n'], r['at'], kind, id, login, said(r, 'session'), detail])
    if event in ('granted', 'break-glass') and inside(r):
        kind = event if glass else 'auto-approved' if r.get('auto') else 'approved'
        asked = [said(r if glass else who, 'login'), said(who, 'claim'), said(r, 'session'), said(r, 'mode')]
        approvers = '; '.join(by['claim'] for by in r.get('approvers', []))
        given = [approvers, said(r, 'auto'), utc(r['end']) if 'end' in r else '', said(r, 'extends'), 0, '', 'not over']
        rows[grant] = [r['n'], r['at'], grant, kind, *asked, said(r, 'reason'), *given]
        if glass: trouble(event, grant, said(r, 'reason'))
        if glass and grant not in reviewed: trouble('break-glass-unreviewed', grant, r['code'])
        if not glass and r.get('auto'): trouble('auto-approved', grant, r['auto'])
    elif event == 'connected':
        if grant in rows: rows[grant][13] += 1
        if inside(r) and r['connection'] not in recorded: trouble('no-recording', r['connection'], grant)
    elif event in ('grant-ended', *how) and grant in rows: rows[grant][14:] = [r['at'], how.get(event, r.get('why'))]
    elif event.startswith('witness-') and inside(r): trouble(event, '', r['witness'])
    elif event == 'opened' and 'accepted' in r and inside(r):
        trouble('journal-accepted', '', r['accepted']['by'] + ': ' + r['accepted']['reason'])
heads = ['n,at,access,kind,login,person,session,mode,reason,approvers,rule,until,extends,connections,ended,how']
heads += ['n,at,kind,id,login,session,detail']
check(read('population.csv') == table(heads[0], rows.values()), 'population.csv')
check(read('exceptions.csv') == table(heads[1], troubles), 'exceptions.csv')
check(all(row[15] != 'not over' or row[11] > closes['at'] for row in rows.values()), 'an end is missing')
order = sorted(rows, key=lambda id: sha(f'{about["seed"]}:{id}'.encode())) if 'sample' in about else []
drawn = order[: about.get('sample')]
check({path.name for path in folder.glob('samples/*')} == {f'{id}.tar' for id in drawn}, 'the sample')
for id in drawn:
    with tempfile.TemporaryDirectory() as at:
        tarfile.open(folder / f'samples/{id}.tar').extractall(at)
        (one,) = pathlib.Path(at).iterdir()
        same = json.loads((one / 'evidence.json').read_text())['id'] == id and (one / 'checkpoint').read_bytes() == note
        words = [sys.executable, '-B', pathlib.Path(__file__).with_name('verify_story.py'), one, vkey.decode()]
        check(same and subprocess.run(words, capture_output=True).returncode == 0, f'sample {id}')
print('VERIFIED')
