import { inspectModel } from '../index';
import { fixtureFile } from '../testing/load-fixture';

jest.mock('onnxruntime-node', () => {
  throw new Error('libonnxruntime.so.1: cannot open shared object file');
});

describe('ONNX Runtime', () => {
  it('is not loaded with the package, and its absence is told with a way out when a model is opened', async () => {
    await expect(inspectModel(fixtureFile('plus-1'))).rejects.toMatchObject({
      code: 'MLOPS_ONNX_RUNTIME_MISSING',
      message: expect.stringMatching(/cannot open shared object file.*ONNXRUNTIME_NODE_INSTALL=skip/s),
    });
  });
});
