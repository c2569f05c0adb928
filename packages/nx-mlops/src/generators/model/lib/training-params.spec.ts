import { trainingParams } from './training-params';

describe('trainingParams', () => {
  it.each([
    ['the penguins, 13 kB', 13_478, 30, 32],
    ['10,000 rows', 500_000, 30, 512],
    ['40,000 rows', 2_000_000, 15, 512],
    ['three million flights', 150_000_000, 3, 512],
    ['an empty file', 0, 30, 32],
    ['data of unknown size', undefined, 3, 512],
  ])('%s', (_, bytes, epochs, batchSize) => {
    expect(trainingParams(bytes)).toMatchObject({ epochs, batchSize });
  });
});
