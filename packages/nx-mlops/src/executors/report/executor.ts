import type { ExecutorContext } from '@nx/devkit';
import { runStage } from '../run-stage';
import { runReport } from './report-command';
import type { ReportExecutorOptions } from './schema';

/** `nx-mlops report` as a task, of the root project or of any. */
export default async function reportExecutor(
  options: ReportExecutorOptions,
  context: ExecutorContext,
): Promise<{ success: boolean }> {
  return runStage(context, (stage) => runReport(context.root, options, stage));
}
