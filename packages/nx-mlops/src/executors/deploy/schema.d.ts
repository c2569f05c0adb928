export interface DeployExecutorOptions {
  environment?: string;
  reason?: string;
  release?: string;
  dryRun?: boolean;
}
