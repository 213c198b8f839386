"""A second verifier of evidence of a period, from docs/evidence.md: no access is left out. Then verify_tables.py."""
import collections
from verify import about, check, folder, host, keys, lines, origin, records, root, sha, signed, size, unbase64

level, row, hidden = 0, {r['n'] - 1: sha(b'\0' + line) for r, line in zip(records, lines)}, {}
for path in folder.glob('tree/*'):
    pairs = [line.split(' ') for line in path.read_text().split('\n')[:-1]]
    hidden[int(path.name)] = {int(index): bytes.fromhex(digest) for index, digest in pairs}
while True:
    check(not row.keys() & hidden.get(level, {}).keys(), 'a hash twice')
    row.update(hidden.get(level, {}))
    if 1 << level >= size: break
    last, above = (size - 1) >> level, {}
    for index in row:
        alone = index == last and index % 2 == 0
        check(index <= last and (index ^ 1 in row or alone), 'a gap in the tree')
        if index % 2 == 0: above[index >> 1] = row[index] if alone else sha(b'\1' + row[index] + row[index + 1])
    level, row = level + 1, above
check(row == {0: root} and max(hidden, default=0) <= level, 'the records do not lead to the root')

by_n = {r['n']: r for r in records}
opens, closes = by_n.get(about['opens'], {'totals': {}, 'at': ''}), by_n[about['closes']]
check(about['opens'] == 0 or (opens['event'] == 'head' and opens['at'] <= about['from']), 'opening')
to_the_end = all(n in by_n for n in range(closes['n'], size + 1))
check(closes['event'] == 'head' and (closes['at'] >= about['to'] or to_the_end), 'closing')
if about['opens']:
    earlier, before = opens['checkpoint'], None
    at, text = int(earlier[1]), '\n'.join(earlier[:3]) + '\n'
    signature = unbase64(earlier[-1].split(' ')[2].encode())
    good = earlier[0].encode() == origin and earlier[3] == '' and signed(keys[host], text.encode(), signature[4:])
    check(good and at < opens['n'], 'the earlier checkpoint')
    for bit in range(at.bit_length()):
        if not at >> bit & 1: continue
        left = hidden[bit][(at >> bit) - 1]
        before = left if before is None else sha(b'\1' + left + before)
    check(at == 0 or before == unbase64(earlier[2].encode()), 'the log does not continue the earlier checkpoint')

counted = 'granted break-glass connected opened witness-away witness-back witness-contradicts'.split()
here = collections.Counter(r['event'] for r in records if about['opens'] < r['n'] < about['closes'])
check(all(here[one] == closes['totals'][one] - opens['totals'].get(one, 0) for one in counted), 'totals')
