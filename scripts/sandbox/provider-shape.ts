// Makes the sandbox's provider look like another product: addresses, discovery, answers and errors (tests/harness/provider-shapes.ts has
// the products). What it proves stays real: a signed-in person, a signed ID token, a strict check of clients and codes.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { absent } from './provider-messages.ts';

type Fields = Readonly<Record<string, unknown>>;

export interface Shape {
  /** What the issuer's address has after the host, such as `/realms/main`. */
  readonly path?: string;
  /** Addresses of endpoints: that of oidc-provider to that of the product. */
  readonly endpoints?: Readonly<Record<string, string>>;
  /** Replaces fields of the discovery document; `absent` leaves one out. So do the others. */
  readonly discovery?: Fields;
  readonly device?: Fields;
  /** Fields of the device endpoint's answer by other names. */
  readonly deviceNames?: Readonly<Record<string, string>>;
  /** The only way in which clients may send their secrets (oidc-provider takes both of each client). */
  readonly secretsBy?: 'post' | 'basic';
  /** Claims of every ID token. */
  readonly claims?: Fields;
  /** Claims of ID tokens that come with a refresh. */
  readonly refreshed?: Fields;
  /** The HTTP status of `authorization_pending`. */
  readonly pendingStatus?: number;
  /** Errors by other names. */
  readonly errors?: Readonly<Record<string, string>>;
  /** Whether answers come without a refresh token. */
  readonly noRefreshToken?: boolean;
  /** A scope that the device endpoint refuses. */
  readonly refusedScope?: string;
  /** Whether there is no page to type codes on. */
  readonly noCodePage?: boolean;
}

/** The answer of an endpoint, as far as a shape changes it. */
export interface ShapedAnswer {
  status: number;
  body: Fields;
}

const wellKnown = '/.well-known/openid-configuration';
const joined = (path: string, rest: string): string => path.replace(/\/$/, '') + rest;
const pathOf = (url: string): string => url.split('?', 1)[0] ?? '';

/** Gives a request the address that oidc-provider knows. @returns whether it has been answered here */
export function unshaped(shape: Shape, request: IncomingMessage, response: ServerResponse): boolean {
  const { url = '' } = request;
  const own = ownPath(shape, pathOf(url));
  if (shape.noCodePage === true && own === '/device') {
    response.writeHead(404, { 'content-type': 'text/html' }).end('<html>Not Found</html>');
    return true;
  }
  if (
    shape.secretsBy !== undefined &&
    ['/device/auth', '/token'].includes(own) &&
    !isShownBy(shape.secretsBy, request)
  ) {
    const head = { 'content-type': 'application/json', 'www-authenticate': 'Basic realm="sandbox"' };
    response.writeHead(401, head).end('{"error":"invalid_client"}');
    return true;
  }
  request.url = own + url.slice(pathOf(url).length);
  return false;
}

const isShownBy = (way: 'post' | 'basic', { headers }: IncomingMessage): boolean =>
  (headers.authorization === undefined) === (way === 'post');

function ownPath({ path = '', endpoints = {} }: Shape, asked: string): string {
  if (path !== '' && asked === joined(path, wellKnown)) return wellKnown;
  return Object.entries(endpoints).find(([, product]) => product === asked)?.[0] ?? asked;
}

/** The issuer as the product writes it. @param base of the provider, without a path */
export const issuerOf = ({ path = '' }: Shape, base: string): string => base + path;

/** The claims that a shape gives an ID token, for this grant type. */
export function shapedClaims(shape: Shape, base: string, grantType: unknown): Fields {
  const issuer = shape.path === undefined ? {} : { iss: issuerOf(shape, base) };
  return { ...issuer, ...shape.claims, ...(grantType === 'refresh_token' ? shape.refreshed : {}) };
}

/** A request, and the address of the provider without a path. */
export interface ShapedRequest {
  readonly base: string;
  readonly path: string;
  /** What it asked for, as OAuth writes it. */
  readonly scope?: string | undefined;
}

/** Changes an answer of oidc-provider into that of the product. */
export function shaped(shape: Shape, { base, path, scope = '' }: ShapedRequest, answer: ShapedAnswer): void {
  const { endpoints = {}, refusedScope } = shape;
  const addressed = (value: unknown): unknown =>
    typeof value === 'string' ? addressOf(value, base, endpoints) : value;
  if (path === wellKnown) {
    const moved = Object.fromEntries(Object.entries(answer.body).map(([name, value]) => [name, addressed(value)]));
    answer.body = present({ ...moved, issuer: issuerOf(shape, base), ...shape.discovery });
  } else if (path === '/device/auth') {
    if (refusedScope !== undefined && scope.split(' ').includes(refusedScope))
      return void Object.assign(answer, { status: 400, body: { error: 'invalid_scope' } });
    const { deviceNames = {} } = shape;
    const moved = Object.entries(answer.body).map(([name, value]) => [deviceNames[name] ?? name, addressed(value)]);
    answer.body = present({ ...(Object.fromEntries(moved) as Fields), ...shape.device });
  } else if (path === '/token') shapeTokens(shape, answer);
}

function shapeTokens({ errors = {}, pendingStatus, noRefreshToken }: Shape, answer: ShapedAnswer): void {
  const { error } = answer.body;
  if (error === 'authorization_pending' && pendingStatus !== undefined) answer.status = pendingStatus;
  if (typeof error === 'string') answer.body = { ...answer.body, error: errors[error] ?? error };
  if (noRefreshToken === true) answer.body = present({ ...answer.body, refresh_token: absent });
}

/** An address of ours as the product's; any other text as it is. */
function addressOf(value: string, base: string, endpoints: Readonly<Record<string, string>>): string {
  if (!value.startsWith(`${base}/`)) return value;
  const own = value.slice(base.length);
  const product = endpoints[pathOf(own)];
  return product === undefined ? value : base + product + own.slice(pathOf(own).length);
}

const present = (fields: Fields): Fields =>
  Object.fromEntries(Object.entries(fields).filter(([, it]) => it !== absent));
