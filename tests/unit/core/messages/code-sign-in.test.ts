// What a person reads who signs in by a link.
import { expect, test } from '@jest/globals';
import { addressSlip, linkInvitation } from '../../../../src/core/messages/code-sign-in.ts';

const asked = { host: 'prod-box', purpose: 'APPROVE K7QF2M', link: 'https://id.example.com/auth?x=1' };
const shown = (more: { redirect: string; tty: boolean }): string => linkInvitation({ ...asked, ...more }).join('\n');

test('the invitation says for what, where to go, and that the browser will not connect', () => {
  const text = shown({ redirect: 'http://127.0.0.1:8400/', tty: true });
  expect(text).toContain('tmux-gate on prod-box: APPROVE K7QF2M');
  expect(text).toContain('  Open  https://id.example.com/auth?x=1');
  expect(text).toContain('it cannot connect to http://127.0.0.1:8400/. That is expected');
  expect(text).toContain('within 5 minutes');
  expect(text).toContain('It is not shown.');
});

test('where a page of the company is at the end, it does not say so', () => {
  const text = shown({ redirect: 'https://paste.example.com/', tty: true });
  expect(text).toContain('your browser is at https://paste.example.com/.');
  expect(text).not.toContain('cannot connect');
});

test('without a terminal it says what becomes of what is pasted', () => {
  expect(shown({ redirect: 'http://[::1]:8400/', tty: false })).toContain('it stays on your screen');
});

test('a slip says what was wrong and what to do now', () => {
  expect(addressSlip('ADDRESS_USED', 'Used.')).toBe(
    '  Used. Open the link above, and paste the address that comes of it.',
  );
});
