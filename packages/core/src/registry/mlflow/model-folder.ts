import { layout } from '../../layout';
import type { ModelManifest, TensorSignature } from '../../manifest/model-manifest';
import type { VersionRecord } from '../version';

/** NumPy's names of the types that MLflow can put into a signature; it has no words for tensors of strings. */
const dtypes: Partial<Record<TensorSignature['type'], string>> = {
  float32: 'float32',
  float64: 'float64',
  float16: 'float16',
  int8: 'int8',
  int16: 'int16',
  int32: 'int32',
  int64: 'int64',
  uint8: 'uint8',
  uint16: 'uint16',
  uint32: 'uint32',
  uint64: 'uint64',
  bool: 'bool',
};

/**
 * The files that make a folder with `model.onnx` a model of MLflow, by name: flavours `onnx` and `python_function`, so that
 * `mlflow.onnx.load_model` and `mlflow.pyfunc.load_model` take it. Equal records give equal texts.
 */
export function modelFolderTexts(record: VersionRecord): Record<string, string> {
  const { manifest, registeredAt } = record;
  const signature = signatureOf(manifest);
  const environment = { virtualenv: 'python_env.yaml' };
  const model = {
    artifact_path: 'model',
    flavors: {
      onnx: {
        code: null,
        data: layout.modelFile,
        onnx_session_options: null,
        providers: ['CPUExecutionProvider'],
      },
      python_function: { data: layout.modelFile, env: environment, loader_module: 'mlflow.onnx' },
    },
    metadata: {
      'nx-mlops.model': record.model,
      'nx-mlops.version': record.version,
      'nx-mlops.digest': record.digest,
    },
    ...(signature === undefined ? {} : { signature }),
    utc_time_created: registeredAt.replace('T', ' ').replace('Z', ''),
  };
  return {
    // JSON is YAML.
    MLmodel: `${JSON.stringify(model, undefined, 2)}\n`,
    'requirements.txt': 'mlflow>=2.3\nonnx\nonnxruntime\n',
    'python_env.yaml': 'python: "3.11"\nbuild_dependencies:\n- pip\ndependencies:\n- -r requirements.txt\n',
  };
}

function signatureOf({
  inputLayout,
  inputs,
  outputs,
}: ModelManifest): Record<string, string | null> | undefined {
  // With a name MLflow takes a table only if it has a column of that name; a matrix is of all its columns.
  const ins = inputs.map((input) => tensorOf(input, inputLayout !== 'matrix'));
  const outs = outputs.map((output) => tensorOf(output, true));
  if ([...ins, ...outs].includes(undefined)) return undefined;
  return { inputs: JSON.stringify(ins), outputs: JSON.stringify(outs), params: null };
}

function tensorOf({ name, type, shape }: TensorSignature, isNamed: boolean): object | undefined {
  const dtype = dtypes[type];
  if (dtype === undefined) return undefined;
  return { ...(isNamed ? { name } : {}), type: 'tensor', 'tensor-spec': { dtype, shape } };
}
