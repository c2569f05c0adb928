import { textTable } from './text-table';

describe('textTable', () => {
  it('aligns names to the left and numbers to the right', () => {
    expect(
      textTable(
        ['split', 'rows'],
        [
          ['train', '1,000'],
          ['a', '5'],
        ],
        [1],
      ),
    ).toEqual(['split   rows', 'train  1,000', 'a          5']);
  });
});
