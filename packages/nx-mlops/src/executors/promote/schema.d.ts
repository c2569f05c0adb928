export interface PromoteExecutorOptions {
  from?: string;
  to?: string;
  reason?: string;
  dryRun?: boolean;
  watch?: boolean;
  interval?: number;
  json?: boolean;
}
