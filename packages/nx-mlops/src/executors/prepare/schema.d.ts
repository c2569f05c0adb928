export interface PrepareExecutorOptions {
  threads?: number;
  memoryLimit?: string;
}
