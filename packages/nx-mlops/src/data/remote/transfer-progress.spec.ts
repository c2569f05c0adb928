import { formatBytes } from './format-bytes';
import { TransferProgress } from './transfer-progress';

describe('formatBytes', () => {
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1.0 kB'],
    [99_940, '99.9 kB'],
    [99_960, '100 kB'],
    [999_499, '999 kB'],
    [999_500, '1.0 MB'],
    [8_000_000_000, '8.0 GB'],
    [2_500_000_000_000_000, '2500 TB'],
  ])('%i is %s', (bytes, text) => expect(formatBytes(bytes)).toBe(text));
});

describe('TransferProgress', () => {
  it('prints at most once a second, with rate and time left', () => {
    let now = 0;
    const lines: string[] = [];
    const progress = new TransferProgress(
      'Pulling x',
      10_000_000,
      (line) => lines.push(line),
      () => now,
    );
    for (now = 100; now <= 2500; now += 100) progress.add(200_000);
    expect(lines).toEqual([
      'Pulling x: 2.0 MB of 10.0 MB (20 %), 2.0 MB/s, 4.0 s left',
      'Pulling x: 4.0 MB of 10.0 MB (40 %), 2.0 MB/s, 3.0 s left',
    ]);
  });
});
