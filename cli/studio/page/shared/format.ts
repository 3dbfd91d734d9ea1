const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'] as const;

/** Formats a number of bytes with three significant digits and a unit, such as `1.23 MB`. */
export function formatBytes(bytes: number): string {
  const power = bytes < 1000 ? 0 : Math.min(Math.floor(Math.log10(bytes) / 3), UNITS.length - 1);
  const value = bytes / 1000 ** power;
  return `${power === 0 ? value : value.toLocaleString('en-US', { maximumSignificantDigits: 3 })} ${UNITS[power]}`;
}

/** Formats a count with thousands separators, such as `1,000`. */
export function formatCount(count: number): string {
  return count.toLocaleString('en-US');
}

/** Formats a duration in milliseconds, such as `120 ms`. */
export function formatMilliseconds(milliseconds: number): string {
  return `${milliseconds.toLocaleString('en-US', { maximumFractionDigits: milliseconds < 10 ? 1 : 0 })} ms`;
}

/** Formats an amount in US dollars. Amounts of at least $1,000 have no cents. */
export function formatDollars(usd: number): string {
  const digits = usd >= 1000 ? 0 : 2;
  return `$${usd.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits })}`;
}

/** Formats the size reduction of a file relative to a larger file, such as `−98.7 %`. */
export function formatSaving(bytes: number, original: number): string {
  const share = (bytes / original - 1) * 100;
  return `${share > 0 ? '+' : '−'}${Math.abs(share).toLocaleString('en-US', { maximumFractionDigits: 1 })} %`;
}

/** Formats a count with a noun in singular or plural, such as `2 images`. */
export function plural(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`;
}
