"""The rest of the story that the records of an access tell, from docs/evidence.md: verify_story.py FOLDER [VKEY]"""
import datetime
from verify import about, access, check, of, records, sha
access()
for policy in of('policy', part=1):
    parts = [r['text'] for r in of('policy') if r['n'] >= policy['n']][: policy['parts']]
    check(sha(''.join(parts).encode()).hex() == policy['sha256'], 'policy')
check(sum(r['parts'] for r in of('policy', part=1)) == len(of('policy')), 'a part of a policy')
begins = min(r['n'] for r in of('requested', 'break-glass'))
check(len([r for r in of('policy', part=1) if r['n'] < begins]) <= 1, 'a policy of before')

person = lambda who: (who['issuer'], who['subject'])
people = {person(r['who']) for r in of('requested', 'granted')}
connected = [r for r in of('connected') if people and not r.get('as')]
own = {person(r['identity']) for r in of('sign-in') + connected}
check(len(people) <= 1 and own <= people, 'another person')

ends, once = ('granted', 'denied', 'withdrawn', 'lapsed', 'unanswered'), (0, 1) if about['open'] else (1,)
for asked in of('requested'):
    came = {r['event'] for r in of(*ends, request=asked['request'])}
    check(about['open'] or len(came) == 1, 'what came of a request')
for g in of('granted'):
    asked = [r['n'] < g['n'] for r in of('requested', request=g['request'])]
    check(asked == [True], 'its request')
    check(g['approvers'] or g.get('auto'), 'nobody approved')
    check(len(g['proofs']) == len(g['approvers']) == len(g['reviewedOn']), 'proofs of the approvers')
    check(person(g['who']) not in map(person, g['approvers']), 'approved by themselves')
    good = of('reviewed', request=g['request'], verdict='approve', digest=g['digest'])
    for by, on in zip(g['approvers'], g['reviewedOn']):
        count = len([r for r in good if person(r['by']) == person(by)])
        check(count == 1 or (count == 0 and on != about['host']), 'review')
    check(all(c['n'] > g['n'] for c in of('connected', grant=g['grant'])), 'a connection before its grant')
for g in of('granted', 'break-glass'):
    check(len(of('grant-ended', 'grant-dropped', grant=g['grant'])) in once, 'ends of grants')
grants = {g['grant'] for g in of('granted', 'break-glass')}
for c in of('connected'):
    gone = of('disconnected', connection=c['connection'])
    check(c['grant'] in grants, 'a connection without a grant')
    check(len(gone) in once, 'end of a connection')
    check(all(end['n'] > c['n'] for end in gone), 'an end before the beginning')
until = max((g['end'] for g in of('granted', 'break-glass')), default=1e15) / 1000 + 120
made = datetime.datetime.fromisoformat(about['made'].replace('Z', '+00:00')).timestamp()
check(not about['open'] or made <= until, 'it should have been over')
print('VERIFIED')
