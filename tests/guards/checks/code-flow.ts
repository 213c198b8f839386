// What binds a pasted address to one sign-in, and makes a review ask for a fresh one.
import { guardsIn, pieceOf, type SourceGuard } from '../../harness/source-guards.ts';

const [provider, keeper] = [guardsIn('contract/oidc-code'), guardsIn('unit/keeper/prove')];
const adapter = 'src/adapters/oidc-code.ts';
const login = 'src/keeper/identity/code-login.ts';

export const checks: readonly SourceGuard[] = [
  provider(
    'state',
    'a real provider state: an address of another sign-in is refused, and its own one still serves',
    pieceOf(adapter, "if (answer.get('state') !== state)", 'if (false)'),
  ),
  provider(
    'nonce',
    'a provider that lies nonce: a token without ours is refused',
    pieceOf(adapter, 'expectedNonce: nonce, ', ''),
  ),
  provider(
    'a PKCE verifier of its own',
    'a real provider PKCE: a code of another sign-in is worth nothing under this state',
    pieceOf(adapter, 'randomNonce(), randomPKCECodeVerifier()]', "randomNonce(), 'x'.repeat(43)]"),
  ),
  provider(
    'the age of a link',
    'a real provider age: an address that comes after five minutes is refused',
    pieceOf(adapter, 'if (now() >= expiresAt)', 'if (false)'),
  ),
  provider(
    'the single use of a link',
    'a real provider single use: the same address again is refused',
    pieceOf(adapter, 'if (isRedeemed)', 'if (false)'),
  ),
  provider(
    'the issuer in the address',
    'a real provider iss: the answer of another provider is refused, and so is one that lacks it',
    pieceOf(adapter, 'if (said === null ? isSent !== true : said === issuer) return;', 'return;'),
  ),
  provider(
    'a fresh auth_time',
    'a real provider fresh auth_time one of before the act is refused, and so is one that is left out',
    pieceOf('src/adapters/oidc.ts', 'checkFresh(configuration, proved.identity, asked.freshSince);', ''),
  ),
  keeper(
    'the conversation of a state',
    'a sign-in by a link an address of another conversation, of one that is over, and a used one are each told',
    pieceOf(login, '(issued.fault(read.state) ?? read)', 'read'),
  ),
  keeper(
    'the use of a state',
    'a sign-in by a link what the provider refuses ends it, and the address is used up',
    pieceOf(login, 'issued.use();', ''),
  ),
  keeper(
    'the time for an address',
    'a sign-in by a link an address that is typed once the time is over, where nobody was told yet, is not taken',
    pieceOf(login, 'if (deps.now() >= until)', 'if (false)'),
  ),
];
