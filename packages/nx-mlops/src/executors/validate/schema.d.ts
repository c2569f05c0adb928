export interface ValidateExecutorOptions {
  memoryLimit?: string;
}
