import type * as Inference from './inference';

/** The half of the graph that takes long to load; see there. */
export function inference(): typeof Inference {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- an import at the top would load it always
  return require('./inference') as typeof Inference;
}
