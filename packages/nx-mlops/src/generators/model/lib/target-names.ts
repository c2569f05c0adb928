import { readNxJson, type Tree } from '@nx/devkit';
import { pluginName } from '../../init/register-plugin';

/** Targets that the README names and the tests depend on. */
const names = ['train', 'evaluate', 'gate', 'deploy', 'promote', 'rollback', 'history', 'serve'] as const;

/** What this workspace calls the targets of a model. */
export type TargetNames = Readonly<Record<(typeof names)[number], string>>;

/** The names that the plugin's options in nx.json give the targets, such as `trainTargetName`; else our own. */
export function readTargetNames(tree: Tree): TargetNames {
  const options = pluginOptions(tree);
  return Object.fromEntries(
    names.map((name) => {
      const given = options[`${name}TargetName`];
      return [name, typeof given === 'string' && given !== '' ? given : name];
    }),
  ) as Record<(typeof names)[number], string>;
}

function pluginOptions(tree: Tree): Record<string, unknown> {
  for (const registration of readNxJson(tree)?.plugins ?? []) {
    if (typeof registration !== 'object' || registration.plugin !== pluginName) continue;
    const { options } = registration;
    if (options !== null && typeof options === 'object') return options as Record<string, unknown>;
  }
  return {};
}
