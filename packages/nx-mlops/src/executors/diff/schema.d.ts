export interface DiffExecutorOptions {
  environment?: string;
  from?: string;
  modelVersion?: number;
  json?: boolean;
}
