// The provider's process: a real oidc-provider that takes orders over IPC (provider-messages.ts). It ends with its parent.
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { type Context, Provider } from 'oidc-provider';
import { answerBadly, newSigningKey, published } from './provider-faults.ts';
import { providerConfiguration } from './provider-configuration.ts';
import type { FromProvider, Mood, Order, PersonAccount, ProviderSettings, ToProvider } from './provider-messages.ts';
import { loginPage } from './provider-pages.ts';
import { shaped, shapedClaims, unshaped } from './provider-shape.ts';
import { tampered } from './provider-tamper.ts';

const mood: Mood = {
  disabled: new Set(),
  tamper: 'none',
  next: [],
  device: {},
  claims: {},
  shape: {},
  hang: false,
  rubbish: false,
  slowDown: 0,
  deviceTtl: 300,
  misanswer: 'none',
  rotated: undefined,
  moved: false,
  clock: 0,
};

const hanging = new Set<ServerResponse>();

const say = (message: FromProvider) => process.send?.(message);

function obey(order: Order): void {
  switch (order.do) {
    case 'enable':
      if (order.enabled) mood.disabled.delete(order.username);
      else mood.disabled.add(order.username);
      break;
    case 'tamper':
      mood.tamper = order.mode;
      break;
    case 'tamperNext':
      mood.next = [...order.modes];
      break;
    case 'device':
      mood.device = order.fields;
      break;
    case 'claims':
      mood.claims = order.claims;
      break;
    case 'shape':
      mood.shape = order.shape;
      break;
    case 'hang':
      mood.hang = order.on;
      // Requests that came while it hung are never answered: a client that gave up could otherwise still use up its token.
      if (!order.on) for (const response of hanging) response.destroy();
      break;
    case 'rubbish':
      mood.rubbish = order.on;
      break;
    case 'slowDown':
      mood.slowDown = order.times;
      break;
    case 'deviceTtl':
      mood.deviceTtl = order.seconds;
      break;
    case 'misanswer':
      mood.misanswer = order.with;
      break;
    case 'rotate':
      mood.rotated = newSigningKey();
      break;
    case 'move':
      mood.moved = order.on;
      break;
    case 'clock':
      mood.clock = order.seconds;
      break;
  }
}

const page = (ctx: Context, html: string) => {
  ctx.type = 'html';
  ctx.body = html;
};

/** The login page: shown until the password is right or the person cancels. */
async function login(provider: Provider, people: readonly PersonAccount[], ctx: Context): Promise<void> {
  const { params, uid } = await provider.interactionDetails(ctx.req, ctx.res);
  const ask = (problem?: string) => page(ctx, loginPage(String(params['client_id']), `/interaction/${uid}`, problem));
  if (ctx.method !== 'POST') return ask();
  const form = new URLSearchParams(await text(ctx.req));
  const person = people.find(({ username }) => username === form.get('username'));
  const finish = (result: object) => {
    ctx.respond = false; // the library writes the redirect itself
    return provider.interactionFinished(ctx.req, ctx.res, result);
  };
  if (form.has('abort')) return finish({ error: 'access_denied', error_description: 'cancelled at the login page' });
  if (person === undefined || person.password !== form.get('password')) return ask('User name or password is wrong.');
  if (mood.disabled.has(person.username)) return ask('This account is disabled.');
  return finish({ login: { accountId: person.sub, amr: ['pwd'], remember: false } });
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

/** Changes the library's answers as the orders so far say. */
async function amend(ctx: Context, { jwk, port }: ProviderSettings): Promise<void> {
  if (!isObject(ctx.body)) return;
  const [base, params] = [baseOf(port), isKnown(ctx) ? ctx.oidc.params : undefined];
  const body = (ctx.body = published(ctx.path, ctx.body, mood));
  // RFC 8628 3.2: without "interval" clients wait 5 seconds between polls.
  if (ctx.path === '/device/auth' && 'device_code' in body) ctx.body = { ...body, interval: 1, ...mood.device };
  const idToken = body['id_token'];
  if (ctx.path === '/token' && typeof idToken === 'string') {
    const claims = { ...shapedClaims(mood.shape, base, params?.grant_type), ...mood.claims };
    ctx.body = { ...body, id_token: await tampered(idToken, { ...mood, claims }, jwk) };
  }
  reshape(ctx, base, params?.scope);
}

const isKnown = (ctx: Partial<Context>): boolean => ctx.oidc !== undefined;

function reshape(ctx: Context, base: string, scope: string | undefined): void {
  if (Object.keys(mood.shape).length === 0) return;
  const answer = { status: ctx.status, body: ctx.body as Record<string, unknown> };
  shaped(mood.shape, { base, path: ctx.path, scope }, answer);
  ctx.status = answer.status;
  ctx.body = answer.body;
}

const baseOf = (port: number): string => `http://127.0.0.1:${port}`;

function start(settings: ProviderSettings): void {
  const issuer = baseOf(settings.port);
  const provider = new Provider(issuer, providerConfiguration(settings, mood));
  provider.use(async (ctx, next) => {
    if (ctx.path.startsWith('/interaction/')) return login(provider, settings.people, ctx);
    await next();
    return amend(ctx, settings);
  });
  const handle = provider.callback();
  const answer = (request: IncomingMessage, response: ServerResponse) => {
    if (mood.clock !== 0) response.setHeader('date', new Date(Date.now() + mood.clock * 1000).toUTCString());
    if (unshaped(mood.shape, request, response) || answerBadly(mood, request, response)) return;
    void handle(request, response);
  };
  const server = createServer((request, response) => {
    if (!mood.hang) return answer(request, response);
    hanging.add(response);
    response.on('close', () => hanging.delete(response));
  });
  server.listen(settings.port, '127.0.0.1', () => say({ ready: issuer }));
}

process.on('message', (message: ToProvider) => {
  if ('start' in message) return start(message.start);
  obey(message.order);
  say({ done: message.id });
});
process.on('disconnect', () => process.exit(0));
