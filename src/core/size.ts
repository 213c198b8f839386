// Sizes of files and disks, in bytes.

const unitBytes = { KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 } as const;
const units = ['GiB', 'MiB', 'KiB'] as const;
const wholeSize = /^(0|[1-9][0-9]{0,5})(KiB|MiB|GiB)$/;

/** Reads a size as people write it: `512KiB`, `256MiB`, `1GiB`. @returns bytes; undefined when the text is not a size */
export function parseSize(text: string): number | undefined {
  const [, amount, unit] = wholeSize.exec(text) ?? [];
  return amount === undefined ? undefined : Number(amount) * unitBytes[unit as keyof typeof unitBytes];
}

/** A size for people, rounded down to a whole number of the largest unit that it has one of: `1 GiB`, `255 MiB`. */
export function formatSize(bytes: number): string {
  const unit = units.find((one) => bytes >= unitBytes[one]) ?? 'KiB';
  return `${Math.floor(bytes / unitBytes[unit])} ${unit}`;
}
