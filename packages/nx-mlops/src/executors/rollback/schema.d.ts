export interface RollbackExecutorOptions {
  environment?: string;
  reason?: string;
  dryRun?: boolean;
  to?: number;
  force?: boolean;
  json?: boolean;
}
