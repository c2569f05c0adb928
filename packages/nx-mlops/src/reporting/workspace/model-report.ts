import type { Evaluation, GateReport, ModelManifest, Validation } from '@nx-mlops/core';
import type { TaskOutcome } from './run-information';

/** A project as the graph of the workspace has it. */
export interface ReportedProject {
  /** Name of the Nx project. */
  readonly name: string;
  /** Relative to the workspace, forward slashes. */
  readonly root: string;
  /** Names of its targets by what they do: the target of `gate` may have another name. */
  readonly targets: { readonly [kind: string]: string };
  /** Names of the projects that it depends on directly. */
  readonly dependencies: readonly string[];
}

/** What is known of one model after the run. */
export interface ModelReport {
  readonly project: ReportedProject;
  readonly judgement: Judgement;
  /** Only where it is of the model that lies there. */
  readonly manifest?: ModelManifest;
  readonly evaluation?: Evaluation;
  /** What it is compared with. */
  readonly champion: Champion;
  readonly splits: readonly SplitDelta[];
  readonly schema: SchemaDelta;
  readonly datasets: readonly DatasetReport[];
  readonly time: ModelTime;
}

export type Judgement =
  | { readonly kind: 'judged'; readonly gates: GateReport }
  /** There is no verdict on the model of this run, which is no pass. */
  | { readonly kind: 'not-judged'; readonly because: string };

/** A version that was registered before. */
export type Champion =
  | {
      readonly kind: 'found';
      /** As the gates name it, or the environment that serves it. */
      readonly name: string;
      readonly modelVersion: number;
      readonly manifest: ModelManifest;
      /** Absent when it was measured by an older nx-mlops. */
      readonly evaluation?: Evaluation;
    }
  | { readonly kind: 'none'; readonly because: string };

/** A split that the model learns from or is measured on, now and when the champion was made. */
export interface SplitDelta {
  readonly role: string;
  /** `flights:train` */
  readonly reference: string;
  /** Rows; absent where it is not known. */
  readonly before?: number;
  readonly now: number;
  /** Whether the bytes are others; undefined without a champion. */
  readonly isChanged: boolean | undefined;
}

/** How the model's features differ from the champion's. */
export interface SchemaDelta {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly retyped: readonly { readonly name: string; readonly before: string; readonly now: string }[];
}

export interface DatasetReport {
  readonly name: string;
  /** Undefined when nothing was validated. */
  readonly validation?: Validation;
  /** Columns with missing values in some split that the model reads, the most first. */
  readonly missing: readonly { readonly split: string; readonly column: string; readonly share: number }[];
}

export interface ModelTime {
  /** What its own tasks and those of its datasets did; empty where Nx's record of the run is not there. */
  readonly tasks: readonly TaskOutcome[];
  /** Seconds of its own tasks that ran; undefined where Nx's record does not tell of it. */
  readonly spent: number | undefined;
  /** Seconds that the training took when it last ran, where the cache gave it this time. */
  readonly saved: number | undefined;
}
