/** `1,234`. */
export function counted(count: number, noun?: string): string {
  const digits = String(Math.round(count)).replace(/\B(?=(\d{3})+(?!\d))/g, ',');
  return noun === undefined ? digits : `${digits} ${noun}${count === 1 ? '' : 's'}`;
}

/** A share as `0.20 %`. */
export function percent(share: number): string {
  return `${(share * 100).toFixed(2)} %`;
}

/** A difference of two shares as `+1.50 pp`. */
export function points(difference: number): string {
  return `${difference < 0 ? '' : '+'}${(difference * 100).toFixed(2)} pp`;
}

/** Seconds as `41 ms`. */
export function milliseconds(seconds: number): string {
  return `${Number((seconds * 1000).toPrecision(3))} ms`;
}

/** Four significant digits. */
export function short(value: number): string {
  return String(Number(value.toPrecision(4)));
}
