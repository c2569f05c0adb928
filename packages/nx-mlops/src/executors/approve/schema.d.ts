export interface ApproveExecutorOptions {
  environment?: string;
  reason?: string;
  json?: boolean;
}
