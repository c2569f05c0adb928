import { facts, namedCases } from './facts.fixture';
import { describePipeline } from './pipeline';
import { renderJenkins } from './render-jenkins';
import { jenkinsSetup } from './setup';

/** Text of each stage by its name, the nested ones too. */
function stagesOf(text: string): Map<string, string> {
  const found = [...text.matchAll(/^( *)stage\('([^']+)'\) \{\n([\s\S]*?)^\1\}$/gm)];
  const nested = found.flatMap((match) => [...stagesOf(match[3] ?? '')]);
  return new Map([...found.map((match): [string, string] => [match[2] ?? '', match[3] ?? '']), ...nested]);
}

describe.each(namedCases)('renderJenkins: %s', (_, { pipeline, facts: given, isSpread }) => {
  const text = renderJenkins(pipeline, jenkinsSetup(given));
  const stages = stagesOf(text);

  it('closes what it opens', () => {
    for (const [open, close] of ['{}', '()', '[]'] as const) {
      expect(text.split(open as string).length).toBe(text.split(close as string).length);
    }
  });

  it('runs every command of the pipeline, as it is', () => {
    for (const { steps } of pipeline.jobs) {
      for (const { run } of steps) expect(text).toContain(`sh '${run}`);
    }
  });

  it('has a parallel stage for each shard', () => {
    for (const { name } of pipeline.shards) {
      expect(stages.get(`Check ${name}`)).toContain(`MLOPS_SHARD = '${name}'`);
    }
    expect(text.includes('parallel {')).toBe(isSpread);
  });

  it('holds no executor while it waits for approval, and not for ever', () => {
    expect(text).toContain('agent none');
    for (const environment of pipeline.environments.slice(1)) {
      const approval = stages.get(`Approve ${environment}`) ?? '';
      const from = pipeline.environments[pipeline.environments.indexOf(environment) - 1];
      expect(approval).toContain(`delivered.contains('${from}')`);
      expect(approval).toMatch(/timeout\(time: 7, unit: 'DAYS'\) \{\s+input\(/);
      expect(approval).not.toMatch(/agent|node\(/);
      expect(stages.get(`Promote to ${environment}`)).toContain(`approved.contains('${environment}')`);
    }
  });

  it('locks each environment before it takes a machine, and an older build never follows a newer one', () => {
    pipeline.environments.forEach((environment, index) => {
      const name = index === 0 ? `Deploy to ${environment}` : `Promote to ${environment}`;
      expect(stages.get(name)).toMatch(
        new RegExp(`lock\\('nx-mlops-${environment}'\\) \\{\\s+milestone\\(${index + 1}\\)\\s+node\\(`),
      );
      expect(stages.get(name)).toContain("currentBuild.currentResult == 'SUCCESS'");
    });
  });

  it('publishes JUnit files also after a failure', () => {
    const published = isSpread
      ? /void keepShard\(String shard\) \{[^}]*\}[^}]*junit\([^)]*allowEmptyResults: true\)/
      : /post \{\s+always \{[^}]*junit\([^)]*allowEmptyResults: true\)/;
    expect(text).toMatch(published);
  });

  it('starts by time on main only', () => {
    expect(text).toMatch(/cron\(env\.BRANCH_NAME == 'main' \? '.+' : ''\)/);
  });
});

describe('renderJenkins', () => {
  it('sends a class to its machines', () => {
    const ci = { agents: 2, runner: ['linux'], classes: { gpu: { runner: ['own', 'gpu'] } } };
    const stages = stagesOf(renderJenkins(describePipeline(facts({ ci })), []));
    expect(stages.get('Check 2')).toContain("agent { label 'linux' }");
    expect(stages.get('Check gpu-1')).toContain("agent { label 'own && gpu' }");
    expect(stages.get('Deploy to staging')).toContain("node('linux')");
  });

  it('quotes what Groovy would read', () => {
    expect(renderJenkins(describePipeline(facts({ mainBranch: "it's" })), [])).toContain("== 'it\\'s'");
  });
});
