import { z } from 'zod';

const SECONDS = { s: 1, m: 60, h: 3600, d: 86_400 } as const;

/** A length of time as configs write it: `30s`, `10m`, `24h`, `7d`. */
export const durationSchema = z
  .string()
  .regex(/^\d+[smhd]$/, 'a duration such as "30s", "10m", "24h" or "7d"');

/** @returns seconds, a non-negative integer */
export function secondsOf(duration: string): number {
  const text = durationSchema.parse(duration);
  return Number(text.slice(0, -1)) * SECONDS[text.at(-1) as keyof typeof SECONDS];
}

/** The shortest exact form: 90 is `90s`, 3600 is `1h`. */
export function formatDuration(seconds: number): string {
  for (const unit of ['d', 'h', 'm'] as const) {
    if (seconds > 0 && seconds % SECONDS[unit] === 0) return `${seconds / SECONDS[unit]}${unit}`;
  }
  return `${seconds}s`;
}
