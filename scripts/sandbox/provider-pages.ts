// The provider's pages. Plain forms, no scripts, no outside resources.
const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

const safe = (text: string): string => text.replace(/[&<>"']/g, (character) => escapes[character] ?? '');

const style = `
  :root { color-scheme: light dark; }
  body { font: 16px/1.5 system-ui, sans-serif; display: grid; place-items: center; min-height: 100vh; margin: 0; }
  main { width: min(24rem, 90vw); padding: 2rem; border: 1px solid #8884; border-radius: 12px; }
  h1 { font-size: 1.25rem; margin-top: 0; }
  code { font-size: 1.75rem; letter-spacing: .1em; display: block; text-align: center; margin: 1rem 0; }
  label { display: block; margin: .75rem 0; }
  input[type=text], input[type=password] { width: 100%; box-sizing: border-box; font: inherit; padding: .5rem; }
  button { font: inherit; width: 100%; padding: .6rem; margin-top: .5rem; border-radius: 8px; border: 1px solid #8888; }
  button[name=abort] { background: none; }
  button:not([name=abort]) { background: #1a5fb4; color: white; border-color: #1a5fb4; }
  .problem { color: #c01c28; }`;

/** A page. @param outcome how far the flow has come, also as an attribute for programs */
const page = (outcome: 'form' | 'done' | 'refused' | 'problem', title: string, body: string): string =>
  `<!DOCTYPE html>
<html lang="en" data-outcome="${outcome}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${safe(title)}</title>
<style>${style}</style></head>
<body><main><h1>${safe(title)}</h1>
${body}
</main></body></html>`;

const abort = '<button type="submit" name="abort" value="yes" formnovalidate>Cancel</button>';

export const loginPage = (clientName: string, action: string, problem?: string): string =>
  page(
    'form',
    `Sign in to ${clientName}`,
    `${problem === undefined ? '' : `<p class="problem">${safe(problem)}</p>`}
<form method="post" action="${safe(action)}">
<label>User name <input type="text" name="username" autocomplete="username" autofocus required></label>
<label>Password <input type="password" name="password" autocomplete="current-password" required></label>
<button type="submit">Sign in</button>
${abort}
</form>`,
  );

/** @param form the library's own form, with its anti-forgery token, to which the buttons belong */
export const confirmPage = (clientName: string, userCode: string, form: string): string =>
  page(
    'form',
    `A device asks to sign in to ${clientName}`,
    `<p>Go on only if your own terminal shows this code:</p><code>${safe(userCode)}</code>
${form.replace('</form>', `<button type="submit">It does: continue</button>\n${abort}</form>`)}`,
  );

export const codePage = (form: string, problem: string | undefined): string =>
  page(
    problem === undefined ? 'form' : 'problem',
    'Enter the code that your terminal shows',
    `${problem === undefined ? '' : `<p class="problem">${safe(problem)}</p>`}
${form.replace('</form>', '<button type="submit">Continue</button></form>')}`,
  );

export const refusedPage = (): string =>
  page('refused', 'Cancelled', '<p>Nothing was signed in. You can close this page.</p>');

export const donePage = (clientName: string): string =>
  page('done', 'Done', `<p>You have signed in to ${safe(clientName)}. Go back to your terminal.</p>`);

export const problemPage = (description: string): string =>
  page('problem', 'That did not work', `<p class="problem">${safe(description)}</p>`);
