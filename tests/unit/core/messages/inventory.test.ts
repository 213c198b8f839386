// What `peers sync` says (src/core/messages/inventory.ts).
import { expect, test } from '@jest/globals';
import {
  badInventory,
  inventoryTaken,
  inventoryUnread,
  inventoryUnsigned,
  olderInventory,
  othersStay,
  ownKeysDiffer,
  signersUnread,
  takenUnread,
} from '../../../../src/core/messages/inventory.ts';

test('says how many hosts were taken, and which stay', () => {
  expect(inventoryTaken(7, 1)).toBe('Inventory 7 is taken: 1 host.');
  expect(inventoryTaken(7, 2)).toBe('Inventory 7 is taken: 2 hosts.');
  expect(othersStay(['web-01', 'web-02'])).toContain('web-01, web-02. To end that: --prune');
  expect(ownKeysDiffer).toContain('Other hosts refuse what it signs');
});

test('each fault has a code, a sentence and what to do', () => {
  const faults = [
    inventoryUnread('/l'),
    badInventory,
    signersUnread('/s'),
    inventoryUnsigned('/l.sig', '/s'),
    takenUnread('/t'),
    olderInventory(6, 7),
  ];
  for (const { code, say, hint, exit } of faults)
    expect([code, say, hint, exit]).toEqual([
      expect.stringMatching(/^INVENTORY/),
      expect.stringMatching(/^[A-Z/].*\.$/),
      expect.stringMatching(/.{20}/),
      expect.any(Number),
    ]);
});

test('paths are shown without what a terminal would act on', () => {
  expect(inventoryUnread('/l\u001b[2J').say).not.toContain('\u001b');
  expect(signersUnread('/s\u001b[2J').say).not.toContain('\u001b');
  expect(inventoryUnsigned('/l\u001b[2J', '/s\u001b[2J')).not.toMatchObject({ say: expect.stringContaining('\u001b') });
});
