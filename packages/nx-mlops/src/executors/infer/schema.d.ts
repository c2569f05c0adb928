export interface InferExecutorOptions {
  dryRun?: boolean;
  memoryLimit?: string;
}
