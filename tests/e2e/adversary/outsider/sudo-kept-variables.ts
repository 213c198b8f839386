// Variables that sudo keeps by itself (DISPLAY, XAUTHORITY, TZ, LANGUAGE, all of LC_*) reach the gate, which runs as root.
import { expect } from '@jest/globals';
import type { Attack } from '../../../harness/attack.ts';
import { environmentOf, gatePath, terminalAs, waitingGate } from '../../../harness/from-outside.ts';
import { sudoRuleBecomes } from '../../../harness/sudo-lines.ts';

const planted = {
  ...{
    DISPLAY: ':99',
    XAUTHORITY: '/planted',
    LS_COLORS: 'planted',
    KRB5CCNAME: '/planted',
    XDG_CURRENT_DESKTOP: 'planted',
  },
  ...{
    LC_ALL: '../../planted',
    LC_CTYPE: '%planted',
    LC_TIME: 'C.UTF-8',
    LC_X: 'planted',
    TZ: 'Asia/Tokyo',
    LANGUAGE: 'planted',
    LINGUAS: 'planted',
    COLORTERM: 'planted',
  },
  ...{
    SSH_AUTH_SOCK: '/planted',
    OPENSSL_CONF: '/planted',
    SSH_TTY: '/dev/planted',
    SSH_ORIGINAL_COMMAND: 'prod-db',
    LANG: '../../planted',
  },
};
const sudosOwn = [
  'MAIL',
  'PATH',
  'LOGNAME',
  'USER',
  'HOME',
  'SHELL',
  'SUDO_COMMAND',
  'SUDO_USER',
  'SUDO_UID',
  'SUDO_GID',
];

export const attack: Attack = {
  guards: [
    { what: 'env_keep', remove: sudoRuleBecomes(' env_keep = ', ' env_keep += ') },
    { what: 'env_check', remove: sudoRuleBecomes(' env_check = ', ' env_check += ') },
  ],
  run: async (host) => {
    const { login } = host.people.alice;
    await using terminal = terminalAs(login, ['sudo', '-n', gatePath(host.layout)], planted);
    const pid = await waitingGate(host, terminal);
    const names = environmentOf(pid).map((pair) => pair.split('=')[0] ?? '');
    expect(names.filter((name) => !sudosOwn.includes(name)).sort()).toEqual(['SSH_ORIGINAL_COMMAND', 'TERM']);
  },
};
