export interface LockExecutorOptions {
  check?: boolean;
}
