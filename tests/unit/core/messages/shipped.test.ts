// Where a host gets back what tmux-gate came with (src/core/messages/shipped.ts).
import { expect, test } from '@jest/globals';
import { shippedBy } from '../../../../src/core/messages/shipped.ts';

test('a host that has a package is told to reinstall it, and where the package has its templates', () => {
  expect(shippedBy('deb').again).toBe(
    'reinstall the package: apt install --reinstall tmux-gate (or the path of its file)',
  );
  expect(shippedBy('rpm')).toEqual({
    again: 'reinstall the package: dnf reinstall tmux-gate (or the path of its file)',
    sudoers: '/usr/share/tmux-gate/sudoers',
    tmuxConf: '/usr/share/tmux-gate/tmux.conf',
  });
});

test('a host that was installed from a checkout is told to install that again', () => {
  expect(Object.values(shippedBy('checkout'))).toEqual([
    'run deploy/install.sh of the checkout',
    'deploy/sudoers of the checkout',
    'deploy/tmux.conf',
  ]);
});
