export interface WatchExecutorOptions {
  environment?: string;
  interval?: number;
  json?: boolean;
}
