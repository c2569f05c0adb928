/** Git's own, which every repository knows: everything differs from it. `nx affected` takes it for a base (23.3.2, 24.0.6). */
export const EMPTY_TREE = '4b825dc642cb6eb9a060e54bf8d69288fbee4904';
