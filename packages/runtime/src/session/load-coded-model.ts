import type { ModelManifest } from '@nx-mlops/core';
import { MlopsError } from '@nx-mlops/core/light';
import type { ColumnBatch, ColumnValues } from '../column-batch';
import type { CodedText } from '../encoding/coded-text';
import type * as CodedInputs from './coded-inputs';
import { checkedModelFile, openModel, type LoadModelOptions } from './load-model';
import type { LoadedModel } from './loaded-model';

/** Rows by column, and text columns by their distinct values. */
export interface CodedColumnBatch extends ColumnBatch {
  /** By column. */
  readonly texts: Readonly<Record<string, Pick<CodedText, 'codes'>>>;
}

/** Distinct values of text columns, by column; a missing one is null. */
export type TextDictionaries = Readonly<Record<string, readonly (string | null)[]>>;

/** A model in memory that takes text by codes. Calls may overlap. */
export interface CodedModel {
  /**
   * Scores as `LoadedModel.predict` gives them of the same rows, bit for bit.
   *
   * @throws MlopsError what `LoadedModel.predict` throws; MLOPS_BATCH_COLUMN also when a text column does not come by codes
   */
  predict(batch: CodedColumnBatch): Promise<Float32Array | Float64Array>;
  /** See `LoadedModel.release`. */
  release(): Promise<void>;
}

/** Text features that a model takes each by an input of its own, and so may be given by codes. */
export function codableFeatures({ inputLayout, features, inputs }: ModelManifest): string[] {
  if (inputLayout !== 'columns') return [];
  const texts = new Set(inputs.flatMap(({ name, type }) => (type === 'string' ? [name] : [])));
  return features.flatMap(({ name }) => (texts.has(name) ? [name] : []));
}

/**
 * Loads a model, checked as `loadModel` does, so that it takes some text columns by the codes of their distinct values: ONNX
 * Runtime looks each text up itself, where millions of strings handed to it one by one take as long as the model. For many
 * rows of the same few texts; what serves single rows has `loadModel`.
 *
 * @param dictionaries of features among the `codableFeatures`
 * @throws MlopsError what `loadModel` throws
 */
export async function loadCodedModel({
  dictionaries,
  ...options
}: LoadModelOptions & {
  readonly dictionaries: TextDictionaries;
}): Promise<CodedModel> {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- only who predicts many rows pays for protobuf
  const { codedInputName, withCodedInputs } = require('./coded-inputs') as typeof CodedInputs;
  const { manifest } = options;
  const coded = new Set(Object.keys(dictionaries));
  const nameOf = (name: string) => (coded.has(name) ? codedInputName(name) : name);
  const texts = Object.entries(dictionaries).map(
    ([name, values]) => [name, values.map(asHandedOver)] as const,
  );
  const bytes = withCodedInputs(await checkedModelFile(options), Object.fromEntries(texts));
  const model = await openModel(bytes, {
    ...options,
    manifest: {
      ...manifest,
      features: manifest.features.map((feature) => ({ ...feature, name: nameOf(feature.name) })),
      inputs: manifest.inputs.map((input) =>
        coded.has(input.name) ? { ...input, name: nameOf(input.name), type: 'int32' } : input,
      ),
    },
  });
  return {
    predict: (batch) => predictCoded(model, manifest.features, coded, batch, codedInputName),
    release: () => model.release(),
  };
}

async function predictCoded(
  model: LoadedModel,
  features: ModelManifest['features'],
  coded: ReadonlySet<string>,
  { rows, columns, texts }: CodedColumnBatch,
  inputName: (name: string) => string,
): Promise<Float32Array | Float64Array> {
  const taken: Record<string, ColumnValues> = {};
  for (const { name } of features) {
    const values = coded.has(name) ? codesOf(name, texts) : columns[name];
    if (values !== undefined) taken[coded.has(name) ? inputName(name) : name] = values;
  }
  return model.predict({ rows, columns: taken });
}

function codesOf(name: string, texts: CodedColumnBatch['texts']): Int32Array {
  const text = texts[name];
  if (text !== undefined) return Int32Array.from(text.codes);
  throw new MlopsError(
    'MLOPS_BATCH_COLUMN',
    `the batch has no codes of "${name}", which the model was loaded to take.`,
  );
}

/** A text as it arrives in ONNX Runtime for Node when it is handed over as a string: a missing one empty, cut at a NUL. */
function asHandedOver(value: string | null): string {
  return (value ?? '').split('\0', 1)[0] as string;
}
