export * from './column-batch';
export * from './default-batch-rows';
export * from './session/inspect-model';
export * from './session/load-model';
export * from './session/loaded-model';
export * from './session/onnx-runtime-version';
export * from './signature/match-signature';
export * from './tensor';
