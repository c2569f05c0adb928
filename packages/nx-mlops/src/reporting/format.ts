/** A number for people: four significant digits, no exponent in the common range. `0.8412`, `12.5`, `1.2e-7`, `–`. */
export function formatNumber(value: number | null | undefined): string {
  if (value === null || value === undefined) return '–';
  if (!Number.isFinite(value)) return String(value);
  if (Number.isInteger(value) && Math.abs(value) < 1e15) return String(value);
  const size = Math.abs(value);
  // An integer part of four digits and more is shown whole.
  if (size >= 1000 && size < 1e15) return value.toFixed(size >= 10_000 ? 0 : 1);
  return String(Number(value.toPrecision(4)));
}

/** A count with thin grouping: `1,234,567`. */
export function formatCount(count: number): string {
  return Math.round(count)
    .toString()
    .replace(/\B(?=(\d{3})+(?!\d))/g, ',');
}

const units = ['bytes', 'kB', 'MB', 'GB', 'TB'] as const;

/** Bytes for people: `512 bytes`, `1.2 MB`, `85 GB`; powers of 1000. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  // 999.6 would be rounded to 1000.
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 || value >= 9.95 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}

/** A duration in seconds for people: `0.4 s`, `12 s`, `3 min 05 s`, `2 h 07 min`. */
export function formatDuration(seconds: number): string {
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${pad(whole % 60)} s`;
  const minutes = Math.round(whole / 60);
  return `${Math.floor(minutes / 60)} h ${pad(minutes % 60)} min`;
}

function pad(value: number): string {
  return String(value).padStart(2, '0');
}

/** `1 row`, `3 rows`, `1,200 rows`. */
export function plural(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/** A moment of ISO 8601 in UTC for people: `2026-11-05T12:30:59.123Z` becomes `2026-11-05 12:30:59`. */
export function formatMoment(at: string): string {
  return at.replace('T', ' ').replace(/(\.\d+)?Z$/, '');
}
