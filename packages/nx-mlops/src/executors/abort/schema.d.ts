export interface AbortExecutorOptions {
  environment?: string;
  quarantine?: boolean;
  reason?: string;
  dryRun?: boolean;
  json?: boolean;
}
