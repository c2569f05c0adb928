export interface PullExecutorOptions {
  force?: boolean;
  splits?: boolean;
}
