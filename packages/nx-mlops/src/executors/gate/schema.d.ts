export type GateExecutorOptions = Record<string, never>;
