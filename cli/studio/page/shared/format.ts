const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'] as const;

/** Formats a number of bytes with three significant digits. */
export function formatBytes(bytes: number): string {
  const power = bytes < 1000 ? 0 : Math.min(Math.floor(Math.log10(bytes) / 3), UNITS.length - 1);
  const value = bytes / 1000 ** power;
  return `${power === 0 ? value : value.toLocaleString('en-US', { maximumSignificantDigits: 3 })} ${UNITS[power]}`;
}

/** Formats a count. */
export function formatCount(count: number): string {
  return count.toLocaleString('en-US');
}

/** Formats milliseconds. */
export function formatMilliseconds(milliseconds: number): string {
  return `${milliseconds.toLocaleString('en-US', { maximumFractionDigits: milliseconds < 10 ? 1 : 0 })} ms`;
}

/** Formats an amount in US dollars. Large amounts have no cents. */
export function formatDollars(usd: number): string {
  const digits = usd >= 1000 ? 0 : 2;
  return `$${usd.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits })}`;
}

/** Formats the size reduction of a file relative to a larger file, such as `−98.7 %`. */
export function formatSaving(bytes: number, original: number): string {
  const share = (bytes / original - 1) * 100;
  return `${share > 0 ? '+' : '−'}${Math.abs(share).toLocaleString('en-US', { maximumFractionDigits: 1 })} %`;
}

/** Formats a count with its noun. */
export function plural(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`;
}
