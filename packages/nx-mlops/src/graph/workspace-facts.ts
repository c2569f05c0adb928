/** What the targets depend on besides their own config. Plain JSON: it is part of the cache key. */
export interface WorkspaceFacts {
  /** Names that targets offer as configurations, in order. */
  readonly environments: readonly string[];
  /** Nx reads imports, so a training's libraries and npm packages are known one by one. */
  readonly importsAreKnown: boolean;
  /** The installed ONNX Runtime, by the name that Nx gives it, where it is in the graph. */
  readonly onnxRuntime: 'in-graph' | { readonly version: string } | 'absent';
  readonly platform: 'posix' | 'windows';
}
