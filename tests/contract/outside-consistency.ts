// Whether one tree of a log continues another, by RFC 9162 section 2.1.4.2, step by step as it stands there. It takes nothing from the product,
// so that a proof which only the product understands is noticed.
import { createHash } from 'node:crypto';

interface Head {
  readonly size: number;
  readonly root: Buffer;
}

const hashOfChildren = (left: Buffer, right: Buffer): Buffer =>
  createHash('sha256').update(Buffer.of(1)).update(left).update(right).digest();

/** @param proof from an earlier tree that is not empty to a later one */
export function continues(earlier: Head, later: Head, proof: readonly Buffer[]): boolean {
  if (earlier.size === later.size) return proof.length === 0 && earlier.root.equals(later.root);
  if (earlier.size > later.size || proof.length === 0) return false;
  const isPowerOfTwo = (earlier.size & (earlier.size - 1)) === 0;
  const [first, ...rest] = isPowerOfTwo ? [earlier.root, ...proof] : proof;
  let [fn, sn] = [earlier.size - 1, later.size - 1];
  const up = (): void => void ([fn, sn] = [fn >> 1, sn >> 1]);
  while (fn % 2 === 1) up();
  let [fr, sr] = [first ?? Buffer.of(), first ?? Buffer.of()];
  for (const c of rest) {
    if (sn === 0) return false;
    if (fn % 2 === 1 || fn === sn) {
      [fr, sr] = [hashOfChildren(c, fr), hashOfChildren(c, sr)];
      while (fn % 2 === 0 && fn !== 0) up();
    } else sr = hashOfChildren(sr, c);
    up();
  }
  return sn === 0 && fr.equals(earlier.root) && sr.equals(later.root);
}
