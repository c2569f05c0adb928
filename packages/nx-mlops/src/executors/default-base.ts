import type { NxJsonConfiguration } from '@nx/devkit';

/** The branch that `nx affected` compares with where nothing else is said; what Nx itself takes. */
export function defaultBase(
  nxJson: Pick<NxJsonConfiguration, 'defaultBase'> & {
    readonly affected?: { readonly defaultBase?: string };
  },
): string {
  return nxJson.defaultBase ?? nxJson.affected?.defaultBase ?? 'main';
}
