/**
 * What needs no config and no library, as `@nx-mlops/core/light`: for a task that most often has nothing to do and should
 * be told so before zod is loaded. All of it is in `@nx-mlops/core` too, and is the same there.
 */
export * from './errors/mlops-error';
export * from './errors/nearest';
export * from './files/sha256';
export * from './files/write-atomically';
export * from './layout';
export * from './manifest/tensor-types';
