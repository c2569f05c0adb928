import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { dirSync } from 'tmp';
import { fixtureFile } from '../testing/load-fixture';
import { inspectModel } from './inspect-model';

describe('inspectModel', () => {
  it('tells names, types and shapes, an open dimension as -1', async () => {
    expect(await inspectModel(fixtureFile('skl2onnx-binary'))).toEqual({
      inputs: [
        { name: 'amount', type: 'float32', shape: [-1, 1] },
        { name: 'origin', type: 'string', shape: [-1, 1] },
      ],
      outputs: [
        { name: 'label', type: 'int64', shape: [-1] },
        { name: 'probabilities', type: 'float32', shape: [-1, 2] },
      ],
    });
  });

  it('leaves out outputs that are no tensors', async () => {
    const { outputs } = await inspectModel(fixtureFile('skl2onnx-zipmap'));
    expect(outputs).toEqual([{ name: 'output_label', type: 'int64', shape: [-1] }]);
  });

  describe('of a file that is no model', () => {
    const folder = dirSync({ unsafeCleanup: true, prefix: 'models with spaces ' });
    afterAll(() => folder.removeCallback());

    it.each([
      ['is empty', async () => Buffer.alloc(0)],
      ['is garbage', async () => Buffer.from('this is no protobuf at all, not even nearly'.repeat(20))],
      ['is JSON', async () => Buffer.from('{"model": true}')],
      ['is cut short', async () => (await readFile(fixtureFile('columns-mixed'))).subarray(0, 200)],
    ])('says that it cannot be loaded when it %s', async (_what, bytes) => {
      const file = join(folder.name, 'model.onnx');
      await writeFile(file, await bytes());
      await expect(inspectModel(file)).rejects.toMatchObject({
        code: 'MLOPS_MODEL_UNREADABLE',
        message: expect.stringContaining(file),
      });
    });

    it('says that it is missing, and what writes it', async () => {
      await expect(inspectModel(join(folder.name, 'nothing.onnx'))).rejects.toMatchObject({
        code: 'MLOPS_MODEL_MISSING',
        message: expect.stringContaining('Run train'),
      });
    });
  });
});
