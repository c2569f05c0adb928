import { loadModel, type ColumnValues, type LoadedModel } from '@nx-mlops/runtime';
import { textsOf } from '../data/coded-text';
import {
  failureOf,
  type PredictionAnswer,
  type PredictionModel,
  type PredictionTask,
  type SentText,
} from './prediction-messages';

/** As a process of a `ParallelScorer`: is told its model, then answers one batch after the other. */
const dictionaries = new Map<string, readonly (string | null)[]>();
let model: Promise<LoadedModel> | undefined;
let former: Promise<void> = Promise.resolve();

process.on('message', (message: PredictionModel | PredictionTask) => {
  if ('manifest' in message) {
    model = loadModel(message);
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

async function answer({ id, rows, columns, texts }: PredictionTask): Promise<PredictionAnswer> {
  try {
    const all: Record<string, ColumnValues> = { ...columns };
    for (const [name, text] of Object.entries(texts)) all[name] = received(name, text);
    if (model === undefined) throw new TypeError('a batch came before its model');
    return { id, scores: await (await model).predict({ rows, columns: all }) };
  } catch (error) {
    return { id, failure: failureOf(error) };
  }
}

function received(name: string, { codes, values = dictionaries.get(name) }: SentText): ColumnValues {
  if (values === undefined) throw new TypeError(`no values of ${name} were sent`);
  dictionaries.set(name, values);
  return textsOf({ codes, values });
}
