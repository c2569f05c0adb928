/** Something that runs on one shard as a whole. */
export interface Work {
  readonly name: string;
  /** Seconds of each task that it needs, by id; a task that several need runs once on a shard. */
  readonly tasks: ReadonlyMap<string, number>;
}

export interface Spread {
  /** By shard, names in order. */
  readonly shards: readonly { readonly names: readonly string[]; readonly seconds: number }[];
  /** Of the longest shard, s. */
  readonly makespan: number;
  /** No spreading ends sooner, s. */
  readonly lowerBound: number;
}

/** Looks at a move or a swap, in all: a second or so at most, however many projects there are. */
const MOST_LOOKS = 400_000;

/**
 * Spreads work over shards so that the longest of them is short.
 *
 * Longest first onto the shard that is done soonest with it (Graham 1969: at most 4/3 of the optimum where nothing is
 * shared), counting only the tasks that the shard does not have yet; then moves and swaps between the longest shard and
 * the others while they shorten it. The same input gives the same answer.
 *
 * @param agents 1..256
 */
export function spread(work: readonly Work[], agents: number): Spread {
  const shards = Array.from({ length: agents }, () => new ShardLoad());
  for (const each of longestFirst(work)) place(each, shards);
  improve(shards);
  const loads = shards.map(({ work: placed, seconds }) => ({
    names: [...placed].map(({ name }) => name).sort(),
    seconds,
  }));
  return {
    shards: loads,
    makespan: Math.max(...loads.map(({ seconds }) => seconds)),
    lowerBound: lowerBound(work, agents),
  };
}

/** Onto the shard that is done soonest with it; where one runs all of its tasks anyway, there. */
function place(work: Work, shards: readonly ShardLoad[]): void {
  const costs = shards.map((shard) => ({ shard, extra: shard.extra(work) }));
  const free = costs.filter(({ extra }) => extra === 0);
  const { shard } = (free.length === 0 ? costs : free).reduce((best, other) =>
    other.shard.seconds + other.extra < best.shard.seconds + best.extra ? other : best,
  );
  shard.add(work);
}

/** Every task runs somewhere, and the longest work as a whole, s. */
export function lowerBound(work: readonly Work[], agents: number): number {
  const all = new Map(work.flatMap(({ tasks }) => [...tasks]));
  return Math.max(sum(all.values()) / agents, ...work.map(secondsOf));
}

class ShardLoad {
  readonly work = new Set<Work>();
  /** How many of its works need a task, by its id. */
  readonly #needed = new Map<string, number>();
  seconds = 0;

  add(work: Work): void {
    this.seconds += this.extra(work);
    this.work.add(work);
    for (const id of work.tasks.keys()) this.#needed.set(id, this.#neededBy(id) + 1);
  }

  remove(work: Work): void {
    this.seconds -= this.saved(work);
    this.work.delete(work);
    for (const id of work.tasks.keys()) this.#needed.set(id, this.#neededBy(id) - 1);
  }

  /** Seconds that it would take longer with this work. */
  extra({ tasks }: Work): number {
    let seconds = 0;
    for (const [id, each] of tasks) if (this.#neededBy(id) === 0) seconds += each;
    return seconds;
  }

  /** Seconds that it would take less without this work of its own. */
  saved({ tasks }: Work): number {
    let seconds = 0;
    for (const [id, each] of tasks) if (this.#neededBy(id) === 1) seconds += each;
    return seconds;
  }

  /** Its seconds with one of its works gone and another come. */
  secondsAfter(gone: Work, come: Work): number {
    let seconds = this.seconds - this.saved(gone);
    for (const [id, each] of come.tasks) {
      if (this.#neededBy(id) - (gone.tasks.has(id) ? 1 : 0) === 0) seconds += each;
    }
    return seconds;
  }

  #neededBy(id: string): number {
    return this.#needed.get(id) ?? 0;
  }
}

/** A difference below this is rounding. s */
const NOTHING = 1e-9;

interface Change {
  readonly other: ShardLoad;
  readonly gone: Work;
  readonly come?: Work;
  /** The longer of the two shards after it, s. */
  readonly longer: number;
}

function improve(shards: readonly ShardLoad[]): void {
  let looks = 0;
  while (looks < MOST_LOOKS) {
    const longest = shards.reduce((a, b) => (b.seconds > a.seconds ? b : a));
    let best: Change | undefined;
    const consider = (change: Change) => {
      looks += 1;
      if (change.longer < (best?.longer ?? longest.seconds) - NOTHING) best = change;
    };
    for (const gone of longestFirst([...longest.work])) {
      const without = longest.seconds - longest.saved(gone);
      for (const other of shards) {
        if (other === longest) continue;
        consider({ other, gone, longer: Math.max(without, other.seconds + other.extra(gone)) });
        for (const come of other.work) {
          if (looks >= MOST_LOOKS) break;
          const longer = Math.max(longest.secondsAfter(gone, come), other.secondsAfter(come, gone));
          consider({ other, gone, come, longer });
        }
      }
    }
    if (best === undefined) return;
    const { other, gone, come } = best as Change;
    longest.remove(gone);
    other.add(gone);
    if (come === undefined) continue;
    other.remove(come);
    longest.add(come);
  }
}

function longestFirst(work: readonly Work[]): Work[] {
  return work
    .map((each) => ({ each, seconds: secondsOf(each) }))
    .sort((a, b) => b.seconds - a.seconds || (a.each.name < b.each.name ? -1 : 1))
    .map(({ each }) => each);
}

function secondsOf({ tasks }: Work): number {
  return sum(tasks.values());
}

function sum(values: Iterable<number>): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
