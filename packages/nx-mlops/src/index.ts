export { createDependencies } from './graph/create-dependencies';
export { createNodes } from './graph/create-nodes';
export type { PluginOptions } from './graph/plugin-options';

export const name = 'nx-mlops';
