import { join } from 'node:path';
import execa from 'execa';
import { examine, workspaceWith, writeFiles, type Examined } from '../examine.fixture';
import { gitCheck } from './git';
import { ignoredFilesCheck } from './ignored-files';
import { diskSpaceCheck } from './disk-space';

jest.setTimeout(60_000);

async function git(folder: string, ...args: string[]): Promise<string> {
  const who = ['-c', 'user.name=ann', '-c', 'user.email=ann@example.org', '-c', 'commit.gpgsign=false'];
  const { stdout } = await execa('git', [...who, ...args], { cwd: folder });
  return stdout;
}

/** With so many commits on main. */
async function repository(commits: number): Promise<string> {
  const root = workspaceWith();
  await git(root, 'init', '-q', '-b', 'main');
  for (let number = 1; number <= commits; number++) await commit(root, `commit ${number}`);
  return root;
}

async function commit(root: string, message: string): Promise<void> {
  writeFiles(root, { 'file.txt': message });
  await git(root, 'add', '-A');
  await git(root, 'commit', '-q', '-m', message);
}

/** A clone as CI makes it: of one commit of a branch, its remote's main not among them. */
async function shallowClone(of: string, branch: string): Promise<string> {
  const folder = join(workspaceWith(), 'a clone');
  await git(of, 'clone', '-q', '--depth=1', '--branch', branch, `file://${of}`, folder);
  return folder;
}

/** A branch of one commit off the last but one of main. */
async function branched(): Promise<string> {
  const root = await repository(3);
  await git(root, 'checkout', '-q', '-b', 'feature', 'HEAD~1');
  await commit(root, 'of the feature');
  return root;
}

const matching = (lines: readonly RegExp[]) => lines.map((line) => expect.stringMatching(line));

it.each<[string, () => Promise<string>, Omit<Examined, 'workspaceRoot'>, readonly RegExp[]]>([
  [
    'no repository',
    async () => workspaceWith(),
    {},
    [/^problem git: .*no repository/, /^skipped/, /^skipped/],
  ],
  ['no commit', () => repository(0), {}, [/^problem git: there is no commit yet/, /^skipped/, /^skipped/]],
  [
    'a branch with its base',
    branched,
    { ci: true },
    [
      /^ok git: feature at \w+$/,
      /^ok git history: whole/,
      /^ok base of affected: main at \w{7}, by defaultBase/,
    ],
  ],
  [
    'the base of nx.json',
    () => repository(2),
    { files: { 'nx.json': { defaultBase: 'trunk' } } },
    [
      /^ok git/,
      /^ok/,
      /^warning base of affected: trunk and origin\/trunk \(by defaultBase of nx\.json\) are not here/,
    ],
  ],
  [
    'main in CI without NX_BASE',
    () => repository(2),
    { ci: true },
    [/^ok git/, /^ok/, /^warning base of affected: .*the head itself, so nothing is affected -> .*HEAD~1/],
  ],
  ['main on a laptop', () => repository(2), {}, [/^ok git/, /^ok/, /^ok base/]],
  [
    'NX_BASE by a commit',
    () => repository(2),
    { env: { NX_BASE: 'HEAD~1' }, ci: true },
    [/^ok/, /^ok/, /^ok .*by NX_BASE$/],
  ],
  [
    'NX_BASE that is nothing here',
    () => repository(2),
    { env: { NX_BASE: 'a'.repeat(40) }, ci: true },
    [/^ok/, /^ok/, /^problem base of affected: .*\(by NX_BASE\) are not here -> git fetch/],
  ],
  [
    'the first push of a branch on GitHub',
    () => repository(2),
    { env: { NX_BASE: '0'.repeat(40) } },
    [/^ok/, /^ok/, /^problem base of affected: NX_BASE is all zeros/],
  ],
  [
    'NX_HEAD that is nothing here',
    () => repository(2),
    { env: { NX_HEAD: 'gone' } },
    [/^ok/, /^ok/, /^problem base of affected: NX_HEAD names no commit/],
  ],
  [
    'the first commit',
    () => repository(1),
    { ci: true },
    [/^ok/, /^ok/, /^warning .*first commit.* -> NX_BASE=4b825dc642cb6eb9a060e54bf8d69288fbee4904/],
  ],
  [
    'the empty tree as the base',
    () => repository(1),
    { env: { NX_BASE: '4b825dc642cb6eb9a060e54bf8d69288fbee4904' }, ci: true },
    [/^ok/, /^ok/, /^ok base of affected: the empty tree by NX_BASE/],
  ],
  [
    'a first commit whose base is none',
    () => repository(1),
    { env: { NX_BASE: 'HEAD~1' }, ci: true },
    [/^ok/, /^ok/, /^problem .*HEAD~1 and origin\/HEAD~1 .* -> This is the first commit/],
  ],
  [
    'a detached head',
    async () => {
      const root = await repository(2);
      await git(root, 'checkout', '-q', '--detach', 'HEAD');
      return root;
    },
    { env: { NX_BASE: 'HEAD~1' } },
    [/^ok git: detached at \w+$/, /^ok/, /^ok/],
  ],
  [
    'histories that never met',
    async () => {
      const root = await repository(1);
      await git(root, 'checkout', '-q', '--orphan', 'other');
      await commit(root, 'apart');
      return root;
    },
    {},
    [/^ok/, /^ok/, /^problem base of affected: main .* have no commit in common/],
  ],
  [
    'a shallow clone on GitHub',
    async () => shallowClone(await branched(), 'feature'),
    { env: { GITHUB_ACTIONS: 'true', GITHUB_BASE_REF: 'main' } },
    [
      /^ok git/,
      /^problem git history: a shallow clone, .* -> Check out by actions\/checkout with "fetch-depth: 0"/,
      /^problem base of affected: origin\/main and main \(by GITHUB_BASE_REF\) are not here -> .*fetch-depth: 0/,
    ],
  ],
  [
    'a shallow clone on GitLab',
    async () => shallowClone(await branched(), 'feature'),
    { env: { GITLAB_CI: 'true', CI_MERGE_REQUEST_DIFF_BASE_SHA: 'b'.repeat(40) } },
    [
      /^ok/,
      /^problem git history: .*GIT_DEPTH: 0/,
      /^problem base of affected: b{40} .* is not here -> .*GIT_DEPTH: 0/,
    ],
  ],
  [
    'a shallow clone on Jenkins',
    async () => shallowClone(await branched(), 'feature'),
    { env: { JENKINS_URL: 'https://ci.example.org/', CHANGE_TARGET: 'main' } },
    [
      /^ok/,
      /^problem git history: .*Clone options/,
      /^problem base of affected: origin\/main .*Clone options/,
    ],
  ],
  [
    'a shallow clone that has both ends and not where they parted',
    async () => {
      const folder = await shallowClone(await branched(), 'feature');
      await git(folder, 'fetch', '-q', '--depth=1', 'origin', 'main:refs/remotes/origin/main');
      return folder;
    },
    { ci: true },
    [
      /^ok/,
      /^problem git history: .*git fetch --unshallow/,
      /^problem .* no commit in common in this shallow clone/,
    ],
  ],
  [
    'a shallow clone that is deep enough',
    async () => {
      const folder = await shallowClone(await branched(), 'feature');
      await git(folder, 'fetch', '-q', '--depth=2', 'origin', 'main:refs/remotes/origin/main', 'feature');
      return folder;
    },
    { ci: true },
    [/^ok/, /^warning git history: a shallow clone/, /^ok base of affected/],
  ],
])('%s', async (_, make, options, lines) => {
  const workspaceRoot = await make();
  expect(await examine(gitCheck, { ...options, workspaceRoot })).toEqual(matching(lines));
});

it.each<[string, () => Promise<string>, Examined['files'], readonly RegExp[]]>([
  ['.mlops/ ignored', () => repository(0), { '.gitignore': '.mlops/\n' }, [/^ok ignored files/]],
  [
    '.mlops/ ignored by a wider pattern',
    () => repository(0),
    { '.gitignore': '.*/\n' },
    [/^ok ignored files/],
  ],
  [
    '.mlops/ not ignored',
    () => repository(0),
    { '.gitignore': 'dist\n' },
    [/^warning .* -> echo "\.mlops\/" >> \.gitignore/],
  ],
  [
    '.mlops/ ignored and taken back',
    () => repository(0),
    { '.gitignore': '.mlops/\n!.mlops/\n' },
    [/^warning ignored files: git does not ignore/],
  ],
  ['no repository yet', async () => workspaceWith(), { '.gitignore': '/.mlops\n' }, [/^ok ignored files/]],
  [
    'a lock that Prettier would touch',
    () => repository(0),
    { '.gitignore': '.mlops\n', '.prettierignore': 'dist\n' },
    [/^warning ignored files: Prettier would reformat dataset\.lock\.json/],
  ],
  [
    'a lock that it leaves alone',
    () => repository(0),
    { '.gitignore': '.mlops\n', '.prettierignore': '**/dataset.lock.json\n' },
    [/^ok ignored files/],
  ],
])('%s', async (_, make, files, lines) => {
  expect(await examine(ignoredFilesCheck, { workspaceRoot: await make(), files })).toEqual(matching(lines));
});

it.each([
  [0, /^ok disk space: .+ free for \.mlops\/store$/],
  [Number.MAX_SAFE_INTEGER, /^warning disk space: .+ -> npx nx-mlops gc/],
])('warns of a disk with less than %d bytes', async (low, line) => {
  expect(await examine(diskSpaceCheck(low))).toEqual([expect.stringMatching(line)]);
});
