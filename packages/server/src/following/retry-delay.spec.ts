import { retryDelay } from './retry-delay';

describe('retryDelay', () => {
  it.each([
    [1, 1_000],
    [2, 2_000],
    [6, 32_000],
    [7, 60_000],
    [5_000, 60_000],
  ])('after %d failures is %d ms', (failures, milliseconds) => {
    expect(retryDelay(failures)).toBe(milliseconds);
  });
});
