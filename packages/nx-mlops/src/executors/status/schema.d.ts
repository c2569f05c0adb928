export interface StatusExecutorOptions {
  json?: boolean;
}
