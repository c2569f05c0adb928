import { parseJson, type NxJsonConfiguration } from '@nx/devkit';
import { asksForSourceAnalysis, type PackageDependencies } from '../../graph/source-analysis';
import { setJsonValue } from './edit-json';

/** The name under which nx.json lists the plugin. */
export const pluginName = 'nx-mlops';

/**
 * nx.json with our plugin among its plugins, and with Nx's import analysis on unless nx.json speaks of it already: that
 * analysis is what lets a training be keyed by just the libraries and npm packages that it imports.
 *
 * @param text of nx.json; comments stay
 * @returns the same text when nothing is to be added
 */
export function registerPlugin(text: string, rootPackage: PackageDependencies | undefined): string {
  const nxJson = parseJson<NxJsonConfiguration>(text);
  let result = text;
  if (!isRegistered(nxJson)) {
    result =
      nxJson.plugins === undefined
        ? setJsonValue(result, ['plugins'], [pluginName])
        : setJsonValue(result, ['plugins', nxJson.plugins.length], pluginName);
  }
  if (nxJson.pluginsConfig?.['@nx/js'] === undefined && !asksForSourceAnalysis(nxJson, rootPackage)) {
    result = setJsonValue(result, ['pluginsConfig', '@nx/js', 'analyzeSourceFiles'], true);
  }
  return result;
}

function isRegistered(nxJson: NxJsonConfiguration): boolean {
  return (nxJson.plugins ?? []).some(
    (plugin) => (typeof plugin === 'string' ? plugin : plugin.plugin) === pluginName,
  );
}
