import type { Evaluation, ModelManifest } from '@nx-mlops/core';
import type { SchemaDelta, SplitDelta } from './model-report';

/** A model with what it was measured by. */
export interface MeasuredModel {
  readonly manifest: ModelManifest;
  readonly evaluation?: Evaluation;
}

interface Split {
  readonly role: string;
  readonly dataset: string;
  readonly split: string;
  readonly sha256: string;
  readonly rows: number;
}

/** Each split of a model beside the champion's of the same role; another dataset in that role is a change, too. */
export function splitDeltas(now: MeasuredModel, champion: MeasuredModel | undefined): SplitDelta[] {
  const before = champion === undefined ? undefined : splitsOf(champion);
  return splitsOf(now).map(({ role, dataset, split, sha256, rows }) => {
    const former = before?.find((each) => each.role === role);
    return {
      role,
      reference: `${dataset}:${split}`,
      ...(former === undefined ? {} : { before: former.rows }),
      now: rows,
      isChanged: former === undefined ? undefined : former.sha256 !== sha256,
    };
  });
}

export function schemaDelta(now: ModelManifest, champion: ModelManifest | undefined): SchemaDelta {
  if (champion === undefined) return { added: [], removed: [], retyped: [] };
  const typeIn = (manifest: ModelManifest, name: string) =>
    manifest.features.find((feature) => feature.name === name)?.type;
  const names = (manifest: ModelManifest) => manifest.features.map(({ name }) => name);
  return {
    added: names(now).filter((name) => typeIn(champion, name) === undefined),
    removed: names(champion).filter((name) => typeIn(now, name) === undefined),
    retyped: now.features.flatMap(({ name, type }) => {
      const former = typeIn(champion, name);
      return former === undefined || former === type ? [] : [{ name, before: former, now: type }];
    }),
  };
}

function splitsOf({ manifest, evaluation }: MeasuredModel): Split[] {
  return [
    ...Object.entries(manifest.datasets).map(([role, split]) => ({ role, ...split })),
    ...(evaluation === undefined ? [] : [{ role: 'test', ...evaluation.test }]),
  ];
}
