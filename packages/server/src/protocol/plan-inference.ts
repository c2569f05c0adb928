import { suggestion, type ModelManifest } from '@nx-mlops/core';
import type { Tensor } from '@nx-mlops/runtime';
import { decodeTensor } from './decode-tensor';
import type { InferRequest } from './infer-request';
import { badRequest, ProtocolError } from './protocol-error';

/** What to run to answer a request. */
export interface Inference {
  readonly feeds: Readonly<Record<string, Tensor>>;
  /** Names, in the order of the answer. */
  readonly outputs: readonly string[];
}

/**
 * Checks a request against what the model takes, so that what reaches ONNX Runtime fits.
 *
 * @throws ProtocolError 400 or 501, naming the input or output and what was expected
 */
export function planInference(manifest: ModelManifest, request: InferRequest): Inference {
  const feeds = new Map<string, Tensor>();
  for (const input of request.inputs) {
    const expected = manifest.inputs.find(({ name }) => name === input.name);
    if (expected === undefined) {
      throw badRequest(
        `the model has no input "${input.name}".${suggestion(input.name, namesOf(manifest.inputs))}`,
      );
    }
    if (feeds.has(input.name)) throw badRequest(`input "${input.name}" is given twice`);
    feeds.set(input.name, decodeTensor(input, expected));
  }
  const missing = namesOf(manifest.inputs).filter((name) => !feeds.has(name));
  if (missing.length > 0) throw badRequest(`missing input ${missing.map((name) => `"${name}"`).join(', ')}`);
  if (manifest.inputLayout !== 'custom') requireEqualRows(feeds);
  return { feeds: Object.fromEntries(feeds), outputs: requestedOutputs(manifest, request) };
}

function requestedOutputs(manifest: ModelManifest, request: InferRequest): readonly string[] {
  const known = namesOf(manifest.outputs);
  if (request.parameters?.['binary_data_output'] === true) throw noBinary();
  if (request.outputs === undefined || request.outputs.length === 0) return known;
  const requested = new Set<string>();
  for (const { name, parameters } of request.outputs) {
    if (!known.includes(name)) {
      throw badRequest(`the model has no output "${name}".${suggestion(name, known)}`);
    }
    if (parameters?.['binary_data'] === true) throw noBinary();
    requested.add(name);
  }
  return [...requested];
}

function requireEqualRows(feeds: ReadonlyMap<string, Tensor>): void {
  const [first, ...others] = [...feeds].map(([name, { dims }]) => ({ name, rows: dims[0] }));
  const other = others.find(({ rows }) => rows !== first?.rows);
  if (first === undefined || other === undefined) return;
  throw badRequest(
    `inputs differ in their number of rows: "${first.name}" has ${first.rows}, "${other.name}" has ${other.rows}`,
  );
}

function noBinary(): ProtocolError {
  return new ProtocolError(
    501,
    'binary tensors are not supported; leave out binary_data and binary_data_output',
  );
}

function namesOf(tensors: readonly { readonly name: string }[]): string[] {
  return tensors.map(({ name }) => name);
}
