export interface GateExecutorOptions {
  readonly base?: string;
}
