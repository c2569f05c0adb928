import { MlopsError } from '@nx-mlops/core';
import { explainFailure } from './explain-failure';

describe('explainFailure', () => {
  it.each([
    ['of Node', Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' })],
    ['of DuckDB', new Error('IO Error: Could not write file "x": No space left on device')],
    ['of Windows', new Error('IO Error: There is not enough space on the disk.')],
  ])('names a full disk %s', (_, error) => {
    expect(explainFailure(error)).toMatchObject({ code: 'MLOPS_DISK_FULL', cause: error });
  });

  it('names a lack of memory', () => {
    const error = new Error('Out of Memory Error: failed to allocate data of size 1.0 MiB');
    expect(explainFailure(error)).toMatchObject({ code: 'MLOPS_OUT_OF_MEMORY' });
  });

  it.each([
    new Error('something else'),
    new MlopsError('MLOPS_X', 'No space left on device'),
    'text',
    undefined,
  ])('leaves %p as it is', (error) => {
    expect(explainFailure(error)).toBe(error);
  });
});
