export interface RollbackExecutorOptions {
  environment?: string;
  reason?: string;
  dryRun?: boolean;
}
