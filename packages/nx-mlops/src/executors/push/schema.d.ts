export type PushExecutorOptions = Record<string, never>;
