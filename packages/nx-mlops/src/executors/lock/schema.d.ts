export type LockExecutorOptions = Record<string, never>;
