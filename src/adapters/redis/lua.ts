// The state changes of the store, one script each. Redis runs a script as a whole, so no keeper sees or makes a half of one
// (docs/design.md, "Store").
//
// 1. A key without an expiry is ignored. Accident: a hash or key that is written to after it expired comes back without one (threat C11).
// 2. What others may have written is measured here before it is sent: size and number are limited. Attack: an answer that fills the
//    keeper's memory.
// 3. Every script checks the state before it changes it (compare and set), and returns whether it made the change.
// 4. A removal comes before its event, and a failure to send the event undoes nothing, so that revocation works in a full Redis.
// 5. A script touches the keys in its KEYS and no other, all with one hash tag (commands.ts): Redis Cluster refuses keys of several slots,
//    and managed services refuse a key that was not declared (redis.io/docs, "Scripting with Lua", "Script parameterization").

/** The longest value that is returned, in characters; a longer one counts as missing. */
export const valueLimit = 64 * 1024;
/** The most reviews of one request. */
export const reviewLimit = 64;
/** The longest request with its reviews, in characters: some hundred of them as people make them. */
const requestLimit = 512 * 1024;
/** The longest name of a key or field, in characters: ours have parts of 64 at most. */
const nameLimit = 512;
/** The longest answer, in characters; the rest is left out. No fleet has so many requests or grants open. */
export const answerLimit = 4 * 1024 * 1024;
/** More names in an index than a whole fleet has grants. Leaving some out of a listing would hide live grants, so it fails. */
const memberLimit = 20_000;
/** The most locks at once. Beyond them somebody else wrote to the store, and the hosts use their own copies. */
const lockLimit = 10_000;
/** The most fields of a round: an answer of each host, what was asked, and its withdrawal. */
const roundLimit = 2_002;
/** The most texts in one box of a witness. Beyond them somebody else wrote to the store, and nothing is read. */
const letterLimit = 256;
const eventsLifeMs = 24 * 60 * 60 * 1000;
/** How long a host may take from counting reviews to storing the grant; after it, further reviews are taken again. */
export const decidingMs = 5_000;
/** The shortest time that a decided request stays, so that a late reviewer is answered "over". */
const decidedLifeMs = 10 * 60 * 1000;

const prelude = `
local function now()
  local t = redis.call('TIME')
  return t[1] * 1000 + math.floor(t[2] / 1000)
end
local function is(key, kind)
  return redis.call('TYPE', key).ok == kind and redis.call('PTTL', key) > 0
end
local function tell(events, ...)
  return redis.pcall('XADD', events, 'MINID', '~', string.format('%.0f', now() - ${eventsLifeMs}), '*', ...)
end
local function value(key)
  if not is(key, 'string') or redis.call('STRLEN', key) > ${valueLimit} then return false end
  return redis.call('GET', key)
end
local function grant(found, room, key)
  local jws = #key <= ${nameLimit} and value(key)
  if not jws or room < #jws then return room end
  found[#found + 1] = key
  found[#found + 1] = jws
  found[#found + 1] = redis.call('PEXPIRETIME', key)
  return room - #key - #jws
end
local function reviews(key)
  local count = 0
  for _, field in ipairs(redis.call('HKEYS', key)) do
    if string.sub(field, 1, 7) == 'review:' then count = count + 1 end
  end
  return count
end
local function letters(key, most)
  if not is(key, 'hash') or redis.call('HLEN', key) > most then return {} end
  local found = {}
  local room = ${answerLimit}
  for _, from in ipairs(redis.call('HKEYS', key)) do
    local size = redis.call('HSTRLEN', key, from)
    if #from <= ${nameLimit} and size <= ${valueLimit} and size <= room then
      room = room - size
      found[#found + 1] = from
      found[#found + 1] = redis.call('HGET', key, from)
    end
  end
  return found
end
local function request(key)
  if not is(key, 'hash') or redis.call('HLEN', key) > ${reviewLimit + 2} then return false end
  local room = ${requestLimit}
  for _, field in ipairs(redis.call('HKEYS', key)) do
    local size = redis.call('HSTRLEN', key, field)
    if #field > ${nameLimit} or size > ${valueLimit + 8} then return false end
    room = room - #field - size
  end
  if room < 0 then return false end
  return redis.call('HGETALL', key)
end
`;

/** The scripts. The comment before each names its KEYS, then its ARGV. */
export const scripts = {
  // request, requests, events; id, jws, answerBy
  post: `
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
redis.call('HSET', KEYS[1], 'jws', ARGV[2], 'state', 'pending')
redis.call('PEXPIREAT', KEYS[1], ARGV[3])
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
redis.call('ZADD', KEYS[2], now(), ARGV[1])
tell(KEYS[3], 'type', 'requested', 'id', ARGV[1])
return 1`,

  // request
  find: `return request(KEYS[1])`,

  // requests, then the key of each request; the id of each
  pending: `
local found = {}
local room = ${answerLimit}
for at, id in ipairs(ARGV) do
  local key = KEYS[at + 1]
  if not is(key, 'hash') then
    redis.pcall('ZREM', KEYS[1], id)
  else
    local entry = request(key)
    if entry and redis.call('HGET', key, 'state') == 'pending' then
      for _, part in ipairs(entry) do room = room - #part end
      if room < 0 then return found end
      found[#found + 1] = id
      found[#found + 1] = entry
    end
  end
end
return found`,

  // an index: requests, grants of all hosts or of one, sign-ins of a login. More members than a fleet has: somebody planted them.
  members: `
if redis.call('ZCARD', KEYS[1]) > ${memberLimit} then return redis.error_reply('an index holds more than ${memberLimit} names') end
local found = {}
for _, name in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
  if #name <= ${nameLimit} then found[#found + 1] = name end
end
return found`,

  // request, the mark that it is being decided; reviews
  decide: `
if not is(KEYS[1], 'hash') or redis.call('HGET', KEYS[1], 'state') ~= 'pending' then return 0 end
if reviews(KEYS[1]) ~= tonumber(ARGV[1]) then return 0 end
redis.call('SET', KEYS[2], '1', 'PX', ${decidingMs})
return 1`,

  // request, events, the mark that it is being decided; id, reviewer, jws, host of the request
  review: `
if not is(KEYS[1], 'hash') then return 'unknown' end
if redis.call('HGET', KEYS[1], 'state') ~= 'pending' then return 'over' end
if is(KEYS[3], 'string') then return 'deciding' end
local field = 'review:' .. ARGV[2]
if redis.call('HEXISTS', KEYS[1], field) == 1 then return 'already' end
local fields = redis.call('HLEN', KEYS[1])
if fields >= ${reviewLimit + 2} then return 'over' end
redis.call('HSET', KEYS[1], field, string.format('%03d %s', fields - 2, ARGV[3]))
tell(KEYS[2], 'type', 'reviewed', 'id', ARGV[1], 'host', ARGV[4])
return 'counted'`,

  // request, requests, events; id, state, ttl
  settle: `
if not is(KEYS[1], 'hash') or redis.call('HGET', KEYS[1], 'state') ~= 'pending' then return 0 end
redis.call('HSET', KEYS[1], 'state', ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
redis.call('ZREM', KEYS[2], ARGV[1])
tell(KEYS[3], 'type', ARGV[2], 'id', ARGV[1])
return 1`,

  // request, requests, events, grant, grants of the host, grants of all hosts; id, jws, end, host, session, login, grant id, reviews or -1
  grant: `
if not is(KEYS[1], 'hash') or redis.call('HGET', KEYS[1], 'state') ~= 'pending' then return 0 end
local made = tonumber(ARGV[8])
if made >= 0 and reviews(KEYS[1]) ~= made then return 0 end
if tonumber(ARGV[3]) <= now() then return 0 end
if not redis.call('SET', KEYS[4], ARGV[2], 'PXAT', ARGV[3], 'NX') then return 0 end
redis.call('ZADD', KEYS[5], ARGV[3], KEYS[4])
redis.call('ZADD', KEYS[6], ARGV[3], KEYS[4])
redis.call('HSET', KEYS[1], 'state', 'approved')
redis.call('PEXPIRE', KEYS[1], ${decidedLifeMs}, 'GT')
redis.call('ZREM', KEYS[2], ARGV[1])
tell(KEYS[3], 'type', 'granted', 'id', ARGV[1], 'grant', ARGV[7], 'host', ARGV[4], 'session', ARGV[5], 'login', ARGV[6])
return 1`,

  // the index that named them, then any number of grants. What is over leaves the index.
  grants: `
local found = {}
local room = ${answerLimit}
for at = 2, #KEYS do
  if redis.call('EXISTS', KEYS[at]) == 0 then redis.pcall('ZREM', KEYS[1], KEYS[at]) end
  room = grant(found, room, KEYS[at])
end
return found`,

  // grants of the host, grants of all hosts, then grants of the host. What is there is put into both again, in case somebody took it out.
  held: `
local found = {}
local room = ${answerLimit}
for at = 3, #KEYS do
  local before = #found
  room = grant(found, room, KEYS[at])
  if #found > before then
    redis.pcall('ZADD', KEYS[1], found[#found], KEYS[at])
    redis.pcall('ZADD', KEYS[2], found[#found], KEYS[at])
  end
end
return found`,

  // grant, grants of the host, grants of all hosts, events; host, grant id, session, login, proof
  revoke: `
local gone = redis.call('DEL', KEYS[1])
redis.pcall('ZREM', KEYS[2], KEYS[1])
redis.pcall('ZREM', KEYS[3], KEYS[1])
local told = {'type', 'revoked', 'host', ARGV[1], 'id', ARGV[2], 'session', ARGV[3], 'login', ARGV[4]}
if ARGV[5] ~= '' then told[#told + 1] = 'proof' told[#told + 1] = ARGV[5] end
tell(KEYS[4], unpack(told))
return gone`,

  // events; host, grant id, proof. It only sends the event, so a failure of that is a failure of the script.
  confirm: `return tell(KEYS[1], 'type', 'confirmed', 'host', ARGV[1], 'id', ARGV[2], 'proof', ARGV[3])`,

  // locks, events; target, jws
  lock: `
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
tell(KEYS[2], 'type', 'locked', 'id', ARGV[1])
return 1`,

  // locks
  locks: `
if redis.call('TYPE', KEYS[1]).ok ~= 'hash' or redis.call('HLEN', KEYS[1]) > ${lockLimit} then return {} end
local found = {}
local room = ${answerLimit}
for _, target in ipairs(redis.call('HKEYS', KEYS[1])) do
  local size = redis.call('HSTRLEN', KEYS[1], target)
  if size <= ${valueLimit} and size <= room then
    room = room - size
    found[#found + 1] = redis.call('HGET', KEYS[1], target)
  end
end
return found`,

  // round, rounds of the kind, events; id, jws, end, type of the event
  openRound: `
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
redis.call('HSET', KEYS[1], 'jws', ARGV[2])
redis.call('PEXPIREAT', KEYS[1], ARGV[3])
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
redis.call('ZADD', KEYS[2], ARGV[3], ARGV[1])
for _, old in ipairs(redis.pcall('ZRANGE', KEYS[2], '-inf', string.format('%.0f', now()), 'BYSCORE', 'LIMIT', 0, 100)) do
  redis.pcall('ZREM', KEYS[2], old)
end
tell(KEYS[3], 'type', ARGV[4], 'id', ARGV[1])
return 1`,

  // round, events; id, field, jws, type of the event
  addToRound: `
if not is(KEYS[1], 'hash') then return 0 end
redis.call('HSET', KEYS[1], ARGV[2], ARGV[3])
tell(KEYS[2], 'type', ARGV[4], 'id', ARGV[1])
return 1`,

  // round
  round: `return letters(KEYS[1], ${roundLimit})`,

  // box; sender, jws
  leave: `
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
redis.call('PEXPIRE', KEYS[1], ${eventsLifeMs})
return 1`,

  // box
  letters: `return letters(KEYS[1], ${letterLimit})`,

  // sign-in
  signIn: `return value(KEYS[1])`,

  // sign-in, sign-ins of the login; jws, end
  rememberSignIn: `
redis.call('SET', KEYS[1], ARGV[1], 'PXAT', ARGV[2])
redis.call('ZADD', KEYS[2], ARGV[2], KEYS[1])
redis.call('PEXPIREAT', KEYS[2], math.max(tonumber(ARGV[2]), redis.call('PEXPIRETIME', KEYS[2])))
return 1`,

  // sign-ins of the login, then the sign-ins
  forgetSignIns: `
local gone = 0
for at = 2, #KEYS do gone = gone + redis.call('DEL', KEYS[at]) end
redis.call('DEL', KEYS[1])
return gone`,
} as const;

export type ScriptName = keyof typeof scripts;

/** The whole text of a script, with the functions that all of them share. */
export function scriptText(name: ScriptName): string {
  return prelude + scripts[name];
}
