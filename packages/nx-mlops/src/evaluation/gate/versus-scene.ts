import type { GateConfig, MetricDirection, PairedOptions } from '@nx-mlops/core';
import type { Champion, JudgedModel } from './judged-model';
import { defaultAlpha } from './judgement';
import type { Pairing } from './pairing';

/** A comparison with a champion. */
export type VersusGate = GateConfig & { readonly versus: string };

/** All that a comparison is made from. */
export interface VersusScene {
  readonly gate: VersusGate;
  readonly model: JudgedModel;
  readonly champion: Champion;
  readonly direction: MetricDirection;
  /** Undefined where the answers to each row are not there for both. */
  readonly pairing: Pairing | undefined;
}

export function pairedOptionsOf({ test, alpha = defaultAlpha }: VersusGate): PairedOptions {
  return { alpha, ...(test === undefined ? {} : { test }) };
}

/** `production (version 3)` */
export function championName({ gate, champion }: Pick<VersusScene, 'gate' | 'champion'>): string {
  return `${gate.versus} (version ${champion.modelVersion})`;
}
