export interface DeployExecutorOptions {
  environment?: string;
  modelVersion?: number;
  reason?: string;
  release?: string;
  dryRun?: boolean;
  watch?: boolean;
  interval?: number;
  json?: boolean;
}
