import { readNxJson, type Tree } from '@nx/devkit';
import { resolveOptions, type PluginOptions, type ResolvedOptions } from '../../../graph/plugin-options';
import { pluginName } from '../../init/register-plugin';

/**
 * What this workspace calls the targets of a model: the names that the plugin's options in nx.json give them, such as
 * `trainTargetName`, else our own.
 *
 * @throws Error that names the option, when the options are not valid
 */
export function readTargetNames(tree: Tree): ResolvedOptions['targetNames'] {
  return resolveOptions(pluginOptions(tree)).targetNames;
}

function pluginOptions(tree: Tree): PluginOptions | undefined {
  for (const registration of readNxJson(tree)?.plugins ?? []) {
    if (typeof registration !== 'object' || registration.plugin !== pluginName) continue;
    return registration.options as PluginOptions | undefined;
  }
  return undefined;
}
