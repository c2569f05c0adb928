import { loadCodedModel, loadModel, type CodedModel } from '@nx-mlops/runtime';
import {
  failureOf,
  type PredictionAnswer,
  type PredictionModel,
  type PredictionTask,
} from './prediction-messages';

/** As a process of a `ParallelScorer`: is told its model, then answers one batch after the other. */
let model: Promise<Pick<CodedModel, 'predict'>> | undefined;
let former: Promise<void> = Promise.resolve();

process.on('message', (message: PredictionModel | PredictionTask) => {
  if ('manifest' in message) {
    model = Object.keys(message.dictionaries).length > 0 ? loadCodedModel(message) : loadModel(message);
    model.then(
      () => say({ model: 'loaded' }),
      (error: unknown) => say({ model: failureOf(error) }),
    );
    return;
  }
  former = former.then(async () => say(await answer(message)));
});
// Who asked ends this process; Ctrl-C on Windows reaches all at once.
process.on('SIGINT', () => undefined);
// It is gone, even if it was killed.
process.on('disconnect', () => process.exit());

function say(answer: PredictionAnswer): void {
  process.send?.(answer);
}

async function answer({ id, ...batch }: PredictionTask): Promise<PredictionAnswer> {
  try {
    if (model === undefined) throw new TypeError('a batch came before its model');
    return { id, scores: await (await model).predict(batch) };
  } catch (error) {
    return { id, failure: failureOf(error) };
  }
}
