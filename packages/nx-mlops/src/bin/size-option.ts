import { MlopsError } from '@nx-mlops/core';

const units: Readonly<Record<string, number>> = { '': 1, B: 1, KB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12 };

/** Bytes of such as `500MB`; a kB has 1000. @throws MlopsError MLOPS_USAGE */
export function sizeOption(name: string, text: string): number {
  const [, number, unit = ''] = /^(\d+(?:\.\d+)?) ?([kKMGT]?B)?$/.exec(text.trim()) ?? [];
  const bytes = Math.floor(Number(number) * (units[unit.toUpperCase()] ?? Number.NaN));
  if (Number.isSafeInteger(bytes) && bytes > 0) return bytes;
  throw new MlopsError('MLOPS_USAGE', `--${name} takes a size such as 500MB or 4GB, not "${text}".`);
}
