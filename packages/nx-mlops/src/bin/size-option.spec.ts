import { sizeOption } from './size-option';

describe('sizeOption', () => {
  it.each([
    ['1', 1],
    ['500B', 500],
    ['1kB', 1000],
    ['1.5 MB', 1_500_000],
    ['4GB', 4e9],
    ['2TB', 2e12],
  ])('%s is %i bytes', (text, bytes) => {
    expect(sizeOption('max-size', text)).toBe(bytes);
  });

  it.each(['', '0', '-1', 'GB', '1GiB', '1 0', '1e99', '9999999TB'])('refuses "%s"', (text) => {
    expect(() => sizeOption('max-size', text)).toThrow(expect.objectContaining({ code: 'MLOPS_USAGE' }));
  });
});
