// The one form of tar in which evidence is written (POSIX.1-1988 ustar): verify.sh makes it anew from the files and compares every byte,
// since headers and padding are in no list of digests.

const block = 512;
/** What eleven octal digits hold. */
export const largestFile = 8 ** 11 - 1;
export const longestName = 100;

const octal = (value: number, digits: number): string => value.toString(8).padStart(digits, '0');

/** The header of a file. @param name at most 100 characters of ASCII @param size in bytes, at most `largestFile` */
export function tarHeader(name: string, size: number): string {
  const field = (text: string, length: number): string => text.padEnd(length, '\0');
  const before = [field(name, 100), field('0000644', 8), field('0000000', 8), field('0000000', 8)].join('');
  const times = `${field(octal(size, 11), 12)}${field('0'.repeat(11), 12)}`;
  const after = `${field('0', 101)}${field('ustar', 6)}00${'\0'.repeat(247)}`;
  const sum = Array.from(`${before}${times}${' '.repeat(8)}${after}`, (byte) => byte.charCodeAt(0));
  return `${before}${times}${octal(
    sum.reduce((total, byte) => total + byte, 0),
    6,
  )}\0 ${after}`;
}

/** How many bytes follow a file of this size, so that the next header begins a block. */
export const tarPadding = (size: number): number => (block - (size % block)) % block;

export const tarEnd = '\0'.repeat(2 * block);
