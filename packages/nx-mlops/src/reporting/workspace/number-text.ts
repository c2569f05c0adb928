import { formatNumber } from '../format';

/** `+0.0123`, `−0.004`, `±0`: with the sign always, so that it is read as a difference. */
export function signedNumber(value: number): string {
  if (value === 0) return '±0';
  return `${value > 0 ? '+' : '−'}${shortNumber(Math.abs(value))}`;
}

/** Three significant digits where that loses nothing that a reader of a table needs. `0.812`, `41.2`, `1200`. */
export function shortNumber(value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return formatNumber(value);
  if (Number.isInteger(value) || Math.abs(value) >= 1000) return formatNumber(value);
  return formatNumber(Number(value.toPrecision(Math.abs(value) >= 0.1 && Math.abs(value) < 1 ? 4 : 3)));
}

/** A change of a count in percent of it: `+8.3 %`. */
export function percentChange(before: number, now: number): string {
  if (before === 0) return now === 0 ? '±0 %' : 'was 0';
  const percent = ((now - before) / before) * 100;
  if (percent === 0) return '±0 %';
  const size = Math.abs(percent);
  const shown = size >= 99.5 ? size.toFixed(0) : size < 0.05 ? '<0.1' : size.toFixed(1);
  return `${percent > 0 ? '+' : '−'}${shown} %`;
}

/** Text that stays in one line of a table's cell. Markup in it stays whole, for it holds no space. */
export function unbroken(text: string): string {
  return text.replace(/ /g, '\u00A0');
}
