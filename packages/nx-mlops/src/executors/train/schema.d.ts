export type TrainExecutorOptions = Record<string, never>;
