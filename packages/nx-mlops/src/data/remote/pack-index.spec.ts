import fc from 'fast-check';
import { packedFiles, planPacks, planRuns, type PackedFile } from './pack-index';
import { PACK_FILES, PACK_SIZE, SMALL_FILE } from './remote-layout';

const hex = (index: number) => index.toString(16).padStart(64, '0');
const items = (sizes: readonly number[]) =>
  sizes.map((size, index) => ({ digest: { sha256: hex(index), size } }));
const sizes = fc.array(fc.integer({ min: 0, max: SMALL_FILE - 1 }), { maxLength: 200 });
const placed = (all: readonly number[]): PackedFile[] => [
  ...packedFiles({ version: 1, size: 0, files: all.map((size, index) => [hex(index), size]) }),
];

describe('planPacks', () => {
  it('puts each file into one pack, in order, and no pack is too big', () => {
    fc.assert(
      fc.property(sizes, (all) => {
        const packs = planPacks(items(all));
        expect(packs.flat()).toEqual(items(all));
        for (const pack of packs) {
          expect(pack.length).toBeGreaterThan(0);
          expect(pack.reduce((sum, { digest }) => sum + digest.size, 0)).toBeLessThanOrEqual(PACK_SIZE);
        }
      }),
    );
  });

  it('bounds the files of a pack', () => {
    expect(planPacks(items(new Array(PACK_FILES + 1).fill(0))).map(({ length }) => length)).toEqual([
      PACK_FILES,
      1,
    ]);
  });
});

describe('planRuns', () => {
  it('covers each wanted file once and overlaps nowhere', () => {
    fc.assert(
      fc.property(sizes, fc.infiniteStream(fc.boolean()), (all, wanted) => {
        const files = placed(all).filter(() => wanted.next().value);
        const runs = planRuns([...files].reverse());
        expect(runs.flatMap((run) => run.files)).toEqual(expect.arrayContaining(files));
        expect(runs.flatMap((run) => run.files)).toHaveLength(files.length);
        let end = 0;
        for (const run of runs) {
          expect(run.start).toBeGreaterThanOrEqual(end);
          for (const { offset, digest } of run.files) {
            expect(offset).toBeGreaterThanOrEqual(run.start);
            expect(offset + digest.size).toBeLessThanOrEqual(run.end);
          }
          end = run.end;
        }
      }),
    );
  });

  it('fetches neighbours by one request, and what is far apart by two', () => {
    const files = placed([10, 10, 900_000, 10]);
    expect(planRuns(files)).toHaveLength(1);
    expect(
      planRuns([files[0], files[1], files[3]] as PackedFile[]).map(({ start, end }) => [start, end]),
    ).toEqual([
      [0, 20],
      [900_020, 900_030],
    ]);
  });
});
