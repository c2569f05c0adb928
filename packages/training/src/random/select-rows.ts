import type { Random } from './random';

/**
 * Asked once for each of `total` rows in order, it says yes to `wanted` of them (to all when `wanted` is larger), each
 * subset equally likely. It needs no memory, so that a sample can be taken while a table streams by.
 *
 * Source: D. E. Knuth, The Art of Computer Programming, volume 2, section 3.4.2, algorithm S.
 */
export function rowSelector(total: number, wanted: number, random: Random): () => boolean {
  let left = total;
  let needed = Math.min(wanted, total);
  return () => {
    const chosen = needed > 0 && random() * left < needed;
    left--;
    if (chosen) needed--;
    return chosen;
  };
}
