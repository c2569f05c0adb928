import type { ModelReport } from './model-report';
import type { RunInformation } from './run-information';

/** All models of a run, for one comment. */
export interface WorkspaceReport {
  readonly models: readonly ModelReport[];
  readonly run?: RunInformation;
  /** Page of the CI run. */
  readonly runUrl?: string;
  readonly commit?: string;
  /** Tells several workspaces of one repository apart. */
  readonly slot?: string;
  readonly now: Date;
  /** A baseline that was registered longer ago is warned of. */
  readonly staleDays: number;
}
