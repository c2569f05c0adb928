export type EvaluateExecutorOptions = Record<string, never>;
