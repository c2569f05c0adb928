export interface ServeExecutorOptions {
  environment?: string;
  host?: string;
  port?: number;
  models?: string[];
}
