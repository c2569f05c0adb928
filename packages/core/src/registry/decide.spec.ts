import type { NewRegistryEvent, RegistryEvent } from './event';
import { decideDeploy, decidePromote, decideRelease, decideRollback } from './decide';
import { chainEvent } from './event-log';
import { foldEvents } from './fold';
import type { ModelState } from './state';

const context = { at: '2026-11-02T00:00:00.000Z', actor: 'ada', reason: 'because' };
const digest = (version: number) => String(version).repeat(64);
const stamp = { at: '2026-11-01T00:00:00.000Z', actor: 'bob' };

const registered = (version: number): NewRegistryEvent => ({
  ...stamp,
  type: 'registered',
  version,
  digest: digest(version),
});
const deployed = (environment: string, version: number): NewRegistryEvent => ({
  ...stamp,
  type: 'deployed',
  environment,
  version,
  digest: digest(version),
});
const rolledBack = (environment: string, from: number, to: number): NewRegistryEvent => ({
  ...stamp,
  type: 'rolled-back',
  reason: 'late flights are missed',
  environment,
  version: to,
  digest: digest(to),
  blocked: digest(from),
});
const released = (environment: string, version: number): NewRegistryEvent => ({
  ...stamp,
  type: 'released',
  environment,
  digest: digest(version),
});

/** Versions 1 to 4 are registered, then this happened. */
function after(...events: NewRegistryEvent[]): ModelState {
  const chain = [1, 2, 3, 4]
    .map(registered)
    .concat(events)
    .reduce<RegistryEvent[]>((done, event) => [...done, chainEvent(done.at(-1), event)], []);
  return foldEvents('churn', chain);
}

describe('deploy', () => {
  it('records the version and its digest', () => {
    expect(decideDeploy(after(), { environment: 'production', version: 2 }, context)).toEqual({
      kind: 'append',
      event: { type: 'deployed', environment: 'production', version: 2, digest: digest(2), ...context },
    });
  });

  it('does nothing where the digest serves already', () => {
    const state = after(deployed('production', 2));
    expect(decideDeploy(state, { environment: 'production', version: 2 }, context)).toEqual({
      kind: 'unchanged',
      deployment: state.deployments.get('production'),
    });
    expect(decideDeploy(state, { environment: 'staging', version: 2 }, context).kind).toBe('append');
  });

  it('names the versions that there are', () => {
    expect(() => decideDeploy(after(), { environment: 'production', version: 9 }, context)).toThrow(
      '"churn" has no version 9. Registered: 1, 2, 3, 4.',
    );
    expect(() =>
      decideDeploy(foldEvents('churn', []), { environment: 'production', version: 1 }, context),
    ).toThrow(/None is registered yet/);
  });

  it('refuses what was rolled back, and says when, by whom, why, and the way out', () => {
    const state = after(deployed('production', 1), deployed('production', 2), rolledBack('production', 2, 1));
    expect(() => decideDeploy(state, { environment: 'production', version: 2 }, context)).toThrow(
      expect.objectContaining({
        code: 'MLOPS_DIGEST_BLOCKED',
        message: expect.stringMatching(
          /on 2026-11-01T00:00:00.000Z by bob \(late flights are missed\).*release its digest 2{64}/,
        ) as string,
      }),
    );
    expect(decideDeploy(state, { environment: 'staging', version: 2 }, context).kind).toBe('append');
  });
});

describe('promote', () => {
  it('takes what the other environment serves', () => {
    const state = after(deployed('staging', 3));
    expect(decidePromote(state, { from: 'staging', environment: 'production' }, context)).toEqual({
      kind: 'append',
      event: {
        type: 'promoted',
        from: 'staging',
        environment: 'production',
        version: 3,
        digest: digest(3),
        ...context,
      },
    });
  });

  it.each([
    ['nothing to take', after(), 'MLOPS_NOTHING_DEPLOYED'],
    [
      'a blocked digest',
      after(
        deployed('production', 1),
        deployed('production', 2),
        rolledBack('production', 2, 1),
        deployed('staging', 2),
      ),
      'MLOPS_DIGEST_BLOCKED',
    ],
  ])('refuses %s', (_, state, code) => {
    expect(() => decidePromote(state, { from: 'staging', environment: 'production' }, context)).toThrow(
      expect.objectContaining({ code }),
    );
  });

  it('does nothing where the digest serves already', () => {
    const state = after(deployed('staging', 3), deployed('production', 3));
    expect(decidePromote(state, { from: 'staging', environment: 'production' }, context).kind).toBe(
      'unchanged',
    );
  });

  it.each([
    ['the version that is meant', 3, undefined],
    ['no other than the one that is meant', 2, 'MLOPS_PROMOTION_OUTDATED'],
  ])('takes %s', (_, version, code) => {
    const state = after(deployed('staging', 3), deployed('production', 2));
    const promote = () =>
      decidePromote(state, { from: 'staging', environment: 'production', version }, context);
    if (code === undefined) expect(promote().kind).toBe('append');
    else expect(promote).toThrow(expect.objectContaining({ code }));
  });

  it('needs two environments', () => {
    const state = after(deployed('staging', 3));
    expect(() => decidePromote(state, { from: 'staging', environment: 'staging' }, context)).toThrow(
      expect.objectContaining({ code: 'MLOPS_PROMOTE_TO_ITSELF' }),
    );
  });
});

describe('rollback', () => {
  const production = (version: number) => deployed('production', version);
  const back = (from: number, to: number) => rolledBack('production', from, to);

  it.each([
    ['the version before', [production(1), production(2)], 1],
    [
      'the version before, whatever other environments serve',
      [production(1), production(2), deployed('staging', 3)],
      1,
    ],
    [
      'further back past one that was rolled back',
      [production(1), production(2), back(2, 1), production(3)],
      1,
    ],
    [
      'not to one that was rolled back and released',
      [production(1), production(2), back(2, 1), released('production', 2), production(3)],
      1,
    ],
    ['two steps, one after the other', [production(1), production(2), production(3), back(3, 2)], 1],
    [
      'the last different digest, also after a return to an old one',
      [production(1), production(2), production(1)],
      2,
    ],
  ])('goes to %s', (_, events, expected) => {
    const state = after(...events);
    const { from, target, event } = decideRollback(state, { environment: 'production' }, context);
    const serving = state.deployments.get('production');
    expect(from).toBe(serving);
    expect(target?.version).toBe(expected);
    expect(event).toEqual({
      type: 'rolled-back',
      environment: 'production',
      version: expected,
      digest: digest(expected),
      blocked: serving?.digest,
      ...context,
    });
  });

  it.each([
    ['where nothing serves', [deployed('staging', 1)], 'MLOPS_NOTHING_DEPLOYED'],
    ['from the first version', [production(1)], 'MLOPS_NO_ROLLBACK_TARGET'],
    [
      'when all that served was rolled back',
      [production(1), production(2), back(2, 1)],
      'MLOPS_NO_ROLLBACK_TARGET',
    ],
  ])('is refused %s', (_, events, code) => {
    expect(() => decideRollback(after(...events), { environment: 'production' }, context)).toThrow(
      expect.objectContaining({ code }),
    );
  });
});

describe('release', () => {
  const history = [
    deployed('production', 1),
    deployed('production', 2),
    rolledBack('production', 2, 1),
  ] as const;
  const command = { environment: 'production', digest: digest(2) };

  it('lets a blocked digest be deployed again', () => {
    const event = decideRelease(after(...history), command, context);
    expect(event).toEqual({ type: 'released', ...command, ...context });
    const state = after(...history, event as NewRegistryEvent);
    expect(decideDeploy(state, { environment: 'production', version: 2 }, context).kind).toBe('append');
  });

  it('does nothing the second time', () => {
    expect(decideRelease(after(...history, released('production', 2)), command, context)).toBeUndefined();
  });

  it('names what is blocked when asked for something else', () => {
    const wrong = { environment: 'production', digest: digest(3) };
    expect(() => decideRelease(after(...history), wrong, context)).toThrow(
      /Blocked there: 2{64} \(version 2\)/,
    );
    expect(() => decideRelease(after(), wrong, context)).toThrow(/None is\./);
  });
});
