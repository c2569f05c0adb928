import tmp from 'tmp';
import type { TensorSignature } from '../../manifest/model-manifest';
import { registrationOf } from '../registration.fixture';
import type { VersionRecord } from '../version';
import { modelFolderTexts } from './model-folder';

tmp.setGracefulCleanup();

function recordOf(changes: Partial<VersionRecord['manifest']> = {}): VersionRecord {
  const input = registrationOf(tmp.dirSync({ unsafeCleanup: true }).name, 'weights');
  return {
    schemaVersion: 1,
    model: input.model,
    version: 3,
    digest: 'a'.repeat(64),
    files: { 'model.onnx': input.manifest.file },
    manifest: { ...input.manifest, ...changes },
    metrics: input.metrics,
    gates: input.gates,
    provenance: input.provenance,
    registeredAt: '2026-11-01T12:00:00.000Z',
    registeredBy: 'ada',
  };
}

const modelOf = (record: VersionRecord) =>
  JSON.parse(modelFolderTexts(record)['MLmodel'] as string) as object;

it('a version is a model of two flavours, whose environment is described beside it', () => {
  const record = recordOf();
  expect(Object.keys(modelFolderTexts(record)).sort()).toEqual([
    'MLmodel',
    'python_env.yaml',
    'requirements.txt',
  ]);
  expect(modelOf(record)).toMatchObject({
    flavors: {
      onnx: { data: 'model.onnx' },
      python_function: {
        data: 'model.onnx',
        loader_module: 'mlflow.onnx',
        env: { virtualenv: 'python_env.yaml' },
      },
    },
    metadata: { 'nx-mlops.model': 'flight-delay', 'nx-mlops.version': 3, 'nx-mlops.digest': 'a'.repeat(64) },
    utc_time_created: '2026-11-01 12:00:00.000',
  });
});

const x: TensorSignature = { name: 'x', type: 'float32', shape: [-1, 2] };

it.each([
  ['a matrix has no name', { inputLayout: 'matrix', inputs: [x] }, [undefined]],
  ['columns have theirs', { inputLayout: 'columns', inputs: [x, { ...x, name: 'y' }] }, ['x', 'y']],
] as const)('in the signature %s', (_, { inputLayout, inputs }, names) => {
  const { signature } = modelOf(recordOf({ inputLayout, inputs: [...inputs] })) as {
    signature: { inputs: string };
  };
  expect(JSON.parse(signature.inputs)).toEqual(
    names.map((name) => ({
      ...(name === undefined ? {} : { name }),
      type: 'tensor',
      'tensor-spec': { dtype: 'float32', shape: [-1, 2] },
    })),
  );
});

it('a model that takes text has no signature, for MLflow has no words for such tensors', () => {
  expect(modelOf(recordOf({ inputs: [{ ...x, type: 'string' }] }))).not.toHaveProperty('signature');
});
