import { GitRepository } from '../git-repository.fixture';
import { writeState } from '../state';
import { EMPTY_TREE } from './empty-tree';
import { resolveBase, type BaseRequest } from './resolve-base';

// Some dozens of git processes each.
jest.setTimeout(60_000);

const jenkins = { JENKINS_URL: 'https://ci.example.org/' };
const pullRequest = { ...jenkins, CHANGE_ID: '7', CHANGE_TARGET: 'main', BRANCH_NAME: 'PR-7' };
const push = { ...jenkins, BRANCH_NAME: 'main' };

async function resolved({ folder }: GitRepository, env: NodeJS.ProcessEnv, more: Partial<BaseRequest> = {}) {
  const printed: string[] = [];
  const answer = await resolveBase({
    workspaceRoot: folder,
    env,
    defaultBranch: 'main',
    signal: new AbortController().signal,
    print: (line) => printed.push(line),
    ...more,
  });
  return { ...answer, printed };
}

/** A branch `feature` that left `main` some commits ago, and its merge as GitHub checks it out. */
function withPullRequest(commits = 3) {
  const origin = GitRepository.empty();
  const fork = origin.commits(3);
  origin.git('checkout', '-q', '-b', 'feature');
  const feature = origin.commits(commits);
  origin.git('checkout', '-q', 'main');
  const main = origin.commits(commits);
  origin.git('checkout', '-q', '--detach', 'main');
  origin.git('merge', '-q', '--no-ff', '-m', 'Merge', 'feature');
  const merge = origin.git('rev-parse', 'HEAD');
  origin.git('update-ref', 'refs/pull/7/merge', merge);
  origin.git('checkout', '-q', 'main');
  return { origin, fork, feature, main, merge };
}

describe('of a pull request', () => {
  it.each([
    ['a full clone', undefined],
    ['a shallow clone', 1],
  ])('is the commit where it left the target: %s', async (_what, depth) => {
    const { origin, fork, feature } = withPullRequest();
    const answer = await resolved(origin.clone('feature', depth), pullRequest);
    expect(answer).toMatchObject({ base: fork, head: feature });
    expect(answer.branch).toBeUndefined();
  });

  it.each([
    ['a full clone', undefined],
    ['a shallow clone', 1],
  ])('is the target itself of the merge commit that GitHub checks out: %s', async (_what, depth) => {
    const { origin, main, merge } = withPullRequest();
    const clone = origin.clone('refs/pull/7/merge', depth);
    // Somebody pushed to the target meanwhile.
    origin.commits(2);
    expect(await resolved(clone, pullRequest)).toMatchObject({ base: main, head: merge });
  });

  it('takes several steps where one is not enough', async () => {
    const { origin, fork } = withPullRequest(60);
    const { base, printed } = await resolved(origin.clone('feature', 1), pullRequest);
    expect(base).toBe(fork);
    expect(printed.filter((line) => line.includes('--deepen')).length).toBeGreaterThanOrEqual(2);
  });

  it('is everything where the target is not there, or shares no history', async () => {
    const { origin } = withPullRequest();
    const target = { ...pullRequest, CHANGE_TARGET: 'nowhere' };
    expect((await resolved(origin.clone('feature'), target)).base).toBe(EMPTY_TREE);
    origin.git('checkout', '-q', '--orphan', 'other');
    origin.commit('Another beginning');
    expect((await resolved(origin.clone('other', 1), pullRequest)).base).toBe(EMPTY_TREE);
  });
});

describe('of a push', () => {
  const green = (sha: string) => ({ ...push, GIT_PREVIOUS_SUCCESSFUL_COMMIT: sha });

  it.each([
    ['a full clone', undefined],
    ['a shallow clone', 1],
  ])('is the last green commit: %s', async (_what, depth) => {
    const origin = GitRepository.empty();
    const sha = origin.commits(2);
    const head = origin.commits(3);
    const answer = await resolved(origin.clone('main', depth), green(sha));
    expect(answer).toMatchObject({ base: sha, head, branch: 'main' });
  });

  it.each([
    ['a full clone', undefined],
    ['a shallow clone', 1],
  ])('is everything after a push by force: %s', async (_what, depth) => {
    const origin = GitRepository.empty();
    origin.commits(2);
    const lost = origin.commit('Lost');
    origin.git('reset', '-q', '--hard', 'HEAD~1');
    origin.commit('Instead');
    const answer = await resolved(origin.clone('main', depth), green(lost));
    expect(answer.base).toBe(EMPTY_TREE);
    expect(answer.reason).toMatch(/no ancestor/);
    const gone = await resolved(origin.clone('main', depth), green('1'.repeat(40)));
    expect(gone.base).toBe(EMPTY_TREE);
    expect(gone.reason).toMatch(/gone/);
  });

  it('is everything of the first commit, and where nothing is known', async () => {
    const origin = GitRepository.empty();
    origin.commit('First');
    const { base, reason } = await resolved(origin.clone('main'), push);
    expect(base).toBe(EMPTY_TREE);
    expect(reason).toMatch(/no green pipeline of main/);
  });

  it('is what an earlier pipeline left, of the same branch alone', async () => {
    const origin = GitRepository.empty();
    const sha = origin.commits(2);
    origin.commit('Next');
    const clone = origin.clone('main');
    await writeState(clone.folder, { version: 1, durations: {}, green: { main: sha } });
    expect((await resolved(clone, push)).base).toBe(sha);
    expect((await resolved(clone, { ...push, BRANCH_NAME: 'release' })).base).toBe(EMPTY_TREE);
  });

  it('passes over a later commit that was faster', async () => {
    const origin = GitRepository.empty();
    const first = origin.commits(2);
    const own = origin.commit('Own');
    const later = origin.commit('Later');
    const clone = origin.clone(own);
    const overtaken = await resolved(clone, green(later));
    expect(overtaken.reason).toMatch(/no green pipeline/);
    expect(overtaken.later).toBe(later);
    const newest = await resolved(clone, green(first));
    expect(newest.base).toBe(first);
    expect(newest.later).toBeUndefined();
  });

  it('is what it was the first time where a green pipeline is run again', async () => {
    const origin = GitRepository.empty();
    const first = origin.commits(2);
    const own = origin.commit('Own');
    const clone = origin.clone('main', 1);
    await writeState(clone.folder, { version: 1, durations: {}, green: { main: first } });
    expect((await resolved(clone, green(own))).base).toBe(first);
    expect((await resolved(origin.clone('main', 1), green(own))).reason).toMatch(/no green pipeline/);
  });

  it('is the later one of what the CI system knows and what was noted when all was deployed', async () => {
    const origin = GitRepository.empty();
    const first = origin.commits(2);
    const second = origin.commit('Waits for its approval');
    origin.commit('Own');
    const clone = origin.clone('main');
    const noted = (sha: string) =>
      writeState(clone.folder, { version: 1, durations: {}, green: { main: sha } });
    await noted(second);
    expect((await resolved(clone, green(first))).base).toBe(second);
    await noted(first);
    expect((await resolved(clone, green(second))).base).toBe(second);
    await noted('1'.repeat(40));
    expect((await resolved(clone, green(second))).base).toBe(EMPTY_TREE);
  });
});

describe('on a laptop', () => {
  it('is where the branch left the main branch of the remote', async () => {
    const { origin, fork, feature } = withPullRequest();
    const clone = origin.clone('feature');
    clone.git('checkout', '-q', '-b', 'mine');
    expect(await resolved(clone, {})).toMatchObject({ base: fork, head: feature, branch: 'mine' });
  });

  it('is where it left the local one, without a remote', async () => {
    const { origin, fork } = withPullRequest();
    origin.git('checkout', '-q', 'feature');
    expect((await resolved(origin, {})).base).toBe(fork);
  });
});

describe('what is given', () => {
  it('stands above what is found: options, then NX_BASE and NX_HEAD', async () => {
    const { origin, fork, feature, main } = withPullRequest();
    const env = { ...pullRequest, NX_BASE: 'feature', NX_HEAD: main };
    expect(await resolved(origin, env)).toMatchObject({ base: feature, head: main });
    expect(await resolved(origin, env, { base: fork, head: 'feature' })).toMatchObject({
      base: fork,
      head: feature,
    });
    expect((await resolved(origin, env, { all: true })).base).toBe(EMPTY_TREE);
    expect((await resolved(origin, { NX_BASE: EMPTY_TREE })).base).toBe(EMPTY_TREE);
  });

  it.each([
    ['a name that is none', { base: 'nowhere' }, /MLOPS_CI_GIT/],
    ['both', { base: 'main', all: true }, /MLOPS_USAGE/],
  ])('is refused: %s', async (_what, more, code) => {
    const { origin } = withPullRequest();
    await expect(resolved(origin, {}, more)).rejects.toMatchObject({ code: expect.stringMatching(code) });
  });
});
