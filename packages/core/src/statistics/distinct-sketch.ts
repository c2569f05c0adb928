import { MlopsError } from '../errors/mlops-error';

const INDEX_BITS = 12;
const REGISTERS = 1 << INDEX_BITS;
const REST_BITS = 64 - INDEX_BITS;
/** Bias correction for this many registers (Flajolet et al. 2007). */
const ALPHA = 0.7213 / (1 + 1.079 / REGISTERS);

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
/** A register takes three digits where few are set, one where many are. */
const MOST_SPARSE = Math.floor(REGISTERS / 3);

/**
 * About how many distinct values there were, in 4 KB at most: a HyperLogLog of 4096 registers. The sketch of two sets is
 * the register-wise maximum of theirs, so sketches merge without loss. The estimate has a standard error of 1.6 %; below
 * some 10,000 it is by linear counting, which is closer.
 *
 * Values go in by a hash of 64 bits: the upper 12 choose the register, the place of the first 1 in the other 52 is what it
 * keeps the maximum of. Sketches that are to be merged must be made with one hash; profiles use DuckDB's `hash()`.
 *
 * Source: P. Flajolet, É. Fusy, O. Gandouet, F. Meunier, HyperLogLog, AofA 2007.
 */
export class DistinctSketch {
  private constructor(private readonly registers: Uint8Array) {}

  static empty(): DistinctSketch {
    return new DistinctSketch(new Uint8Array(REGISTERS));
  }

  /**
   * @param index the upper 12 bits of the hash, in [0, 4096)
   * @param rest the other 52 bits; of several values of one index, the smallest says all
   */
  addHash(index: number, rest: bigint): void {
    const rank = REST_BITS - (rest === 0n ? 0 : rest.toString(2).length) + 1;
    if (rank > (this.registers[index] as number)) this.registers[index] = rank;
  }

  merge(other: DistinctSketch): DistinctSketch {
    return new DistinctSketch(
      this.registers.map((rank, index) => Math.max(rank, other.registers[index] as number)),
    );
  }

  /** A whole number, 0 for an empty sketch. */
  estimate(): number {
    let sum = 0;
    let zeros = 0;
    for (const rank of this.registers) {
      sum += 2 ** -rank;
      if (rank === 0) zeros += 1;
    }
    const raw = (ALPHA * REGISTERS * REGISTERS) / sum;
    const linear = raw <= 2.5 * REGISTERS && zeros > 0;
    return Math.round(linear ? REGISTERS * Math.log(REGISTERS / zeros) : raw);
  }

  /** One text a set: equal sets give equal texts. */
  toString(): string {
    const set = [...this.registers].flatMap((rank, index) => (rank === 0 ? [] : [[index, rank] as const]));
    if (set.length > MOST_SPARSE) return `dense:${[...this.registers].map((rank) => digit(rank)).join('')}`;
    return `sparse:${set.map(([index, rank]) => digit(index >> 6) + digit(index & 63) + digit(rank)).join('')}`;
  }

  /** @throws MlopsError MLOPS_SKETCH_INVALID for a text that `toString` does not give */
  static parse(text: string): DistinctSketch {
    const [, kind, digits = ''] = /^(sparse|dense):([\w-]*)$/.exec(text) ?? [];
    const values = [...digits].map((character) => DIGITS.indexOf(character));
    const sketch = DistinctSketch.empty();
    if (kind === 'dense' && values.length === REGISTERS) {
      sketch.registers.set(values);
    } else if (kind === 'sparse' && values.length % 3 === 0) {
      for (let at = 0; at < values.length; at += 3) {
        const [high = 0, low = 0, rank = 0] = values.slice(at, at + 3);
        sketch.registers[high * 64 + low] = rank;
      }
    } else {
      throw new MlopsError(
        'MLOPS_SKETCH_INVALID',
        'The profile holds a sketch of distinct values that cannot be read. Run validate again, which writes it anew.',
      );
    }
    return sketch;
  }
}

function digit(value: number): string {
  return DIGITS[value] as string;
}
