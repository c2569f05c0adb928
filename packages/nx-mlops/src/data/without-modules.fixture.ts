/**
 * Runs work for which modules are loaded anew, save some: whatever loads one of those fails with "… was loaded".
 *
 * @param names of packages, or absolute paths without extension
 */
export async function withoutModules(names: readonly string[], work: () => Promise<void>): Promise<void> {
  for (const name of names) {
    jest.doMock(name, () => {
      throw new Error(`${name} was loaded.`);
    });
  }
  await jest.isolateModulesAsync(work).finally(() => names.forEach((name) => jest.dontMock(name)));
}
