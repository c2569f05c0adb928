import type { ClassLabel, ModelManifest } from '@nx-mlops/core';

/** How a champion's scores stand to those of the model, or why they cannot be compared, in a sentence. */
export type ChampionFit =
  | {
      /** Several classes: for each of the model's, the champion's column of scores; absent where they are the same. */
      readonly columns?: readonly number[];
    }
  | { readonly unfit: string };

type Facts = Pick<ModelManifest, 'task' | 'target' | 'classes'>;

/** Two models can be compared when they answer the same question: task, target, classes and which one is positive. */
export function championFit(model: Facts, champion: Facts, version: number): ChampionFit {
  if (champion.task !== model.task) {
    return { unfit: `version ${version} is of the task ${champion.task}, this model of ${model.task}.` };
  }
  if (champion.target !== model.target) {
    return { unfit: `version ${version} predicts "${champion.target}", this model "${model.target}".` };
  }
  const [own, other] = [model.classes ?? [], champion.classes ?? []];
  const columns = own.map((label) => other.indexOf(label));
  if (own.length !== other.length || columns.includes(-1)) {
    return {
      unfit: `version ${version} knows other classes (${list(other)}) than this model (${list(own)}).`,
    };
  }
  if (columns.every((column, index) => column === index)) return {};
  if (model.task === 'binary-classification') {
    return {
      unfit: `version ${version} counts ${JSON.stringify(other[1])} as positive, this model ${JSON.stringify(own[1])}.`,
    };
  }
  return { columns };
}

function list(labels: readonly ClassLabel[]): string {
  const shown = labels.slice(0, 10).map((label) => JSON.stringify(label));
  return `${shown.join(', ')}${labels.length > shown.length ? ', …' : ''}`;
}
