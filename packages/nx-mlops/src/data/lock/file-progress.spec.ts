import { progressLine, startProgress } from './file-progress';

describe('progress', () => {
  it('says how much is done, how quickly, and how long the rest will take', () => {
    const done = { files: 1200, bytes: 500e6 };
    const total = { files: 100_000, bytes: 2e9 };
    expect(progressLine('hashed', done, total, 2)).toBe(
      'hashed 1,200 of 100,000 files, 500 MB of 2.0 GB, 250 MB/s, 6.0 s left',
    );
    expect(progressLine('hashed', { files: 0, bytes: 0 }, { files: 1, bytes: 8e9 }, 2)).toBe(
      'hashed 0 bytes of 8.0 GB, 0 bytes/s',
    );
  });

  it('keeps quiet for two seconds, then prints a line a second until it is ended', () => {
    jest.useFakeTimers();
    try {
      const lines: string[] = [];
      const end = startProgress(
        (line) => lines.push(line),
        'hashed',
        () => ({ files: 1, bytes: 1000 }),
        { files: 2, bytes: 2000 },
      );
      jest.advanceTimersByTime(1999);
      expect(lines).toEqual([]);
      jest.advanceTimersByTime(2001);
      expect(lines).toHaveLength(3);
      end();
      jest.advanceTimersByTime(5000);
      expect(lines).toHaveLength(3);
    } finally {
      jest.useRealTimers();
    }
  });
});
