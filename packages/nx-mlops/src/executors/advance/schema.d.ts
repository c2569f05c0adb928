export interface AdvanceExecutorOptions {
  environment?: string;
  override?: string;
  reason?: string;
  dryRun?: boolean;
  json?: boolean;
}
