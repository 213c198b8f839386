const units = ['B', 'kB', 'MB', 'GB', 'TB'];

/** A number of bytes for people: `812 B`, `4.1 MB`. */
export function formatBytes(bytes: number): string {
  let [value, unit] = [bytes, 0];
  while (value >= 999.5 && unit < units.length - 1) [value, unit] = [value / 1000, unit + 1];
  return `${unit > 0 && value < 9.95 ? value.toFixed(1) : String(Math.round(value))} ${units[unit] ?? ''}`;
}
