/** The package managers that Nx knows; yarn in its two kinds, which freeze a lockfile in different words. */
export type PackageManagerName = 'npm' | 'pnpm' | 'yarn' | 'yarn-classic' | 'bun';

export interface PackageManagerFacts {
  /** Runs a command of an installed package. */
  readonly exec: string;
  /** Installs what the lockfile says and fails where it does not fit. */
  readonly install: string;
  readonly lockfiles: readonly string[];
  /** What `cache` of actions/setup-node calls it; left out where it does not know it. */
  readonly setupNodeCache?: 'npm' | 'pnpm' | 'yarn';
  /** Variable that names the folder of its cache. */
  readonly cacheVariable: string;
  /** Makes the command available where only Node.js is. */
  readonly enable?: string;
}

export const packageManagers: Readonly<Record<PackageManagerName, PackageManagerFacts>> = {
  npm: {
    exec: 'npx',
    install: 'npm ci',
    lockfiles: ['package-lock.json'],
    setupNodeCache: 'npm',
    cacheVariable: 'npm_config_cache',
  },
  pnpm: {
    exec: 'pnpm exec',
    install: 'pnpm install --frozen-lockfile',
    lockfiles: ['pnpm-lock.yaml'],
    setupNodeCache: 'pnpm',
    cacheVariable: 'npm_config_store_dir',
    enable: 'npm install --global pnpm',
  },
  yarn: {
    exec: 'yarn',
    install: 'yarn install --immutable',
    lockfiles: ['yarn.lock'],
    setupNodeCache: 'yarn',
    cacheVariable: 'YARN_CACHE_FOLDER',
    enable: 'corepack enable',
  },
  'yarn-classic': {
    exec: 'yarn',
    install: 'yarn install --frozen-lockfile',
    lockfiles: ['yarn.lock'],
    setupNodeCache: 'yarn',
    cacheVariable: 'YARN_CACHE_FOLDER',
    enable: 'corepack enable',
  },
  bun: {
    exec: 'bunx',
    install: 'bun install --frozen-lockfile',
    lockfiles: ['bun.lock', 'bun.lockb'],
    cacheVariable: 'BUN_INSTALL_CACHE_DIR',
    enable: 'npm install --global bun',
  },
};
