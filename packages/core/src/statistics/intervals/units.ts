import type { Entries } from './weighted-metric';

/**
 * What is drawn anew by the bootstrap and summed over by the jackknife, since it is independent of the others: groups
 * where there are some, else entries. Those of no weight are none: they are as if they were not there.
 */
export interface Units {
  readonly count: number;
  /** Of each entry its unit, -1 where it has no weight. */
  readonly ofEntry: Int32Array;
}

/** `unitsOf(entries).count`. */
export function countUnits(entries: Entries): number {
  return entries.weights === undefined && entries.groups === undefined
    ? entries.count
    : unitsOf(entries).count;
}

export function unitsOf({ count, weights, groups }: Entries): Units {
  const ofEntry = new Int32Array(count);
  const unitOf = groups === undefined ? undefined : codeTable(groups);
  let units = 0;
  for (let entry = 0; entry < count; entry++) {
    if (weights !== undefined && weights[entry] === 0) ofEntry[entry] = -1;
    else if (groups === undefined || unitOf === undefined) ofEntry[entry] = units++;
    else {
      const code = groups[entry] as number;
      let unit = unitOf.get(code);
      if (unit === undefined) unitOf.set(code, (unit = units++));
      ofEntry[entry] = unit;
    }
  }
  return { count: units, ofEntry };
}

interface CodeTable {
  get(code: number): number | undefined;
  set(code: number, unit: number): void;
}

/** An array where the codes are dense, as they are of a whole split; a map where they are few of many, as in a slice. */
function codeTable(groups: Uint32Array): CodeTable {
  let largest = 0;
  for (let entry = 0; entry < groups.length; entry++) largest = Math.max(largest, groups[entry] as number);
  if (largest > 4 * groups.length) return new Map<number, number>();
  const units = new Int32Array(largest + 1).fill(-1);
  return {
    get: (code) => (units[code] === -1 ? undefined : units[code]),
    set: (code, unit) => (units[code] = unit),
  };
}
