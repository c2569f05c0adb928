import type { LoadedModel, Tensor } from '@nx-mlops/runtime';
import type { AnswerCounters } from '../counters/version-counters';
import type { ServedVersion } from '../following/served-version';
import { encodeTensor, type ResponseTensor } from '../protocol/encode-tensor';
import type { InferRequest } from '../protocol/infer-request';
import { planInference, type Inference } from '../protocol/plan-inference';
import type { VersionAnswer } from '../shadow/compare-answers';

/** What a version answers to a request, and as what it is sent. */
export interface Answer extends VersionAnswer {
  readonly outputs: readonly ResponseTensor[];
  /** About how much memory the inputs take. */
  readonly inputBytes: number;
}

/**
 * Has a version answer a request, and counts how it went.
 *
 * @throws ProtocolError 400 or 501 when the request does not fit the version
 * @throws MlopsError MLOPS_PREDICTION_FAILED
 */
export function answer(
  served: ServedVersion,
  request: InferRequest,
  counters: AnswerCounters,
): Promise<Answer> {
  const { threshold } = served;
  return served.borrow(async (model) => {
    const began = performance.now();
    const inference = planned(model, request, counters);
    try {
      const tensors = await model.run(inference.feeds, inference.outputs);
      const outputs = inference.outputs.map((name) => encodeTensor(name, tensors[name] as Tensor));
      const rows = rowsOf(inference);
      counters.answered(rows, performance.now() - began);
      const { manifest } = model;
      return { manifest, threshold, rows, tensors, outputs, inputBytes: inputBytesOf(inference) };
    } catch (error) {
      counters.failed();
      throw error;
    }
  });
}

function planned(model: LoadedModel, request: InferRequest, counters: AnswerCounters): Inference {
  try {
    return planInference(model.manifest, request);
  } catch (error) {
    counters.refused();
    throw error;
  }
}

/** The first size of the first input; 1 for one without sizes. */
function rowsOf({ feeds }: Inference): number {
  return Object.values(feeds)[0]?.dims[0] ?? 1;
}

function inputBytesOf({ feeds }: Inference): number {
  let bytes = 0;
  for (const { data } of Object.values(feeds)) {
    if (!Array.isArray(data)) bytes += data.byteLength;
    else for (const text of data) bytes += 2 * text.length;
  }
  return bytes;
}
