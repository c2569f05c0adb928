export interface HistoryExecutorOptions {
  environment?: string;
  at?: string;
  json?: boolean;
}
