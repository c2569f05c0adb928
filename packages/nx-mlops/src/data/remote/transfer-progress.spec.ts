import { TransferProgress } from './transfer-progress';

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
      'Pulling x: 2.0 MB of 10 MB (20 %), 2.0 MB/s, 4.0 s left',
      'Pulling x: 4.0 MB of 10 MB (40 %), 2.0 MB/s, 3.0 s left',
    ]);
  });
});
