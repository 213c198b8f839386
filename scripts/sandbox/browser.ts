// A person's browser for sign-in links, over fetch: follows redirects, keeps cookies, fills in forms.
import type { PersonAccount } from './provider-messages.ts';

export interface SignInOptions {
  /** Whether to cancel at the page that shows the code, or at the login page. */
  readonly deny?: boolean;
}

/** Where the sandbox's provider sends the browser after a sign-in by a link. Nothing listens there. */
const redirect = 'http://127.0.0.1:8400/';

interface Page {
  readonly url: URL;
  readonly html: string;
}

interface Cookie {
  readonly name: string;
  readonly path: string;
  readonly value: string;
}

/** Cookies by name and path (RFC 6265 5.3). An empty value deletes one; expiry is ignored. */
class CookieJar {
  readonly #cookies = new Map<string, Cookie>();

  keep(response: Response): void {
    for (const line of response.headers.getSetCookie()) {
      const [pair = '', ...attributes] = line.split(/; ?/);
      const name = pair.slice(0, pair.indexOf('='));
      const path = attributes.find((item) => /^path=/i.test(item))?.slice(5) ?? '/';
      const value = pair.slice(name.length + 1);
      if (value === '') this.#cookies.delete(`${name} ${path}`);
      else this.#cookies.set(`${name} ${path}`, { name, path, value });
    }
  }

  header(url: URL): string {
    const sent = [...this.#cookies.values()].filter(({ path }) => url.pathname.startsWith(path));
    return sent.map(({ name, value }) => `${name}=${value}`).join('; ');
  }
}

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };

const unescape = (text: string): string =>
  text.replace(/&(amp|lt|gt|quot|#39);/g, (_, name: string) => entities[name] ?? '');

const attribute = (tag: string, name: string): string | undefined => {
  const value = new RegExp(`\\b${name}="([^"]*)"`).exec(tag)?.[1];
  return value === undefined ? undefined : unescape(value);
};

/** The target and the hidden fields of the page's only form. */
function formOf({ url, html }: Page): { action: URL; fields: URLSearchParams } | undefined {
  const form = /<form\b[^>]*>/.exec(html)?.[0];
  if (form === undefined) return undefined;
  const fields = new URLSearchParams();
  for (const [tag] of html.matchAll(/<input\b[^>]*type="hidden"[^>]*>/g)) {
    fields.set(attribute(tag, 'name') ?? '', attribute(tag, 'value') ?? '');
  }
  return { action: new URL(attribute(form, 'action') ?? '', url), fields };
}

/** How long a page may take: milliseconds. */
const pageMs = 20_000;

/**
 * Each page has a connection of its own: one that is kept may be closed by the provider just as it is used again (its time is 5 s), and then
 * the sign-in fails.
 */
async function load(jar: CookieJar, url: URL, form?: URLSearchParams): Promise<Page> {
  if (url.href.startsWith(redirect)) return { url, html: '' };
  const response = await fetch(url, {
    redirect: 'manual',
    signal: AbortSignal.timeout(pageMs),
    headers: { cookie: jar.header(url), connection: 'close' },
    ...(form === undefined ? {} : { method: 'POST', body: form }),
  });
  jar.keep(response);
  const location = response.headers.get('location');
  if (location !== null) {
    await response.body?.cancel();
    return load(jar, new URL(location, url));
  }
  return { url, html: await response.text() };
}

function fill(page: Page, fields: URLSearchParams, account: PersonAccount, deny: boolean): void {
  if (page.html.includes('name="password"')) {
    fields.set('username', account.username);
    fields.set('password', account.password);
  } else if (deny && page.html.includes('name="abort"')) {
    fields.delete('confirm');
    fields.set('abort', 'yes');
  }
}

/** A browser with the cookies of earlier sign-ins. */
export type Browser = CookieJar;
export const newBrowser = (): Browser => new CookieJar();

/**
 * Goes through the provider's pages from a link of the code flow, as this person.
 * @param browser whose cookies are sent and kept: with a live session in them, the provider may not ask for a password.
 * @returns what the address bar shows at the end.
 * @throws Error with the text of the last page, when the browser is not sent back.
 */
export async function addressAfterSignIn(
  link: string,
  account: PersonAccount,
  { deny = false }: SignInOptions = {},
  browser: Browser = newBrowser(),
): Promise<string> {
  let page = await load(browser, new URL(link));
  for (let step = 0; step < 3 && outcomeOf(page) === 'form'; step++) {
    const form = formOf(page);
    if (form === undefined || page.html.includes('class="problem"')) break;
    fill(page, form.fields, account, false);
    if (deny) form.fields.set('abort', 'yes');
    page = await load(browser, form.action, form.fields);
  }
  if (!page.url.href.startsWith(redirect)) throw new Error(`the provider says: ${wordsOf(page)}`);
  return page.url.href;
}

const outcomeOf = ({ html }: Page): string | undefined => /data-outcome="([a-z]+)"/.exec(html)?.[1];

const wordsOf = ({ html }: Page): string =>
  html
    .replace(/<(style|title)>[^]*?<\/\1>|<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();

/**
 * Goes through the provider's pages as this person, in a new browser.
 * @returns the text of the last page.
 * @throws Error with the text of the last page, when that is not "Done" (or, with `deny`, "Cancelled").
 */
export async function completeSignIn(
  link: string,
  account: PersonAccount,
  options: SignInOptions = {},
): Promise<string> {
  const deny = options.deny ?? false;
  const jar = new CookieJar();
  let page = await load(jar, new URL(link));
  // The longest way: code, confirmation, login.
  for (let step = 0; step < 4 && ['form', undefined].includes(outcomeOf(page)); step++) {
    const form = formOf(page);
    if (form === undefined || page.html.includes('class="problem"')) break;
    fill(page, form.fields, account, deny);
    page = await load(jar, form.action, form.fields);
  }
  if (outcomeOf(page) !== (deny ? 'refused' : 'done')) throw new Error(`the provider says: ${wordsOf(page)}`);
  return wordsOf(page);
}
