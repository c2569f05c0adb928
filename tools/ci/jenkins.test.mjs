import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runJenkinsfile } from './jenkins.mjs';
import { reasonAgainst } from './programs.mjs';

const reason = reasonAgainst('jenkins');
if (reason !== undefined && process.env.CI === 'true') throw new Error(reason);
const jenkins = (name, work) => test(name, { skip: reason ?? false }, work);

const text = `
def shards() { return ['1', '2'] }

pipeline {
  agent none
  options {
    timestamps()
    buildDiscarder(logRotator(numToKeepStr: '10'))
    disableConcurrentBuilds(abortPrevious: true)
  }
  triggers { cron('H 4 * * *') }
  parameters {
    string(name: 'MODEL', defaultValue: 'none')
    booleanParam(name: 'DRY', defaultValue: false)
  }
  environment {
    NODE = '22'
    WHO = "\${env.NODE}-\${BRANCH_NAME}"
  }
  stages {
    stage('Check') {
      agent { label 'linux && node' }
      when {
        beforeAgent true
        not { triggeredBy 'TimerTrigger' }
      }
      steps {
        sh 'npm ci'
        script {
          env.PLAN = sh(script: 'plan', returnStdout: true).trim()
          def branches = [:]
          for (each in shards()) {
            def shard = each
            branches["shard " + shard] = {
              node('gpu') {
                sh "run \${shard} \${env.PLAN} $WHO"
                stash name: "out-\${shard}", includes: 'out/**'
              }
            }
          }
          branches.failFast = false
          parallel branches
        }
      }
      post {
        always { junit testResults: '**/junit.xml', allowEmptyResults: true }
        failure { echo "failed \${currentBuild.currentResult}" }
        fixed { echo 'fixed' }
      }
    }
    stage('Matrix') {
      matrix {
        axes {
          axis {
            name 'OS'
            values 'a', 'b'
          }
        }
        stages {
          stage('Cell') {
            agent any
            steps { sh "cell \${OS}" }
          }
        }
      }
    }
    stage('Together') {
      failFast true
      parallel {
        stage('Left') {
          agent any
          steps { unstash 'out-1' }
        }
        stage('Right') {
          when { changeRequest target: 'main' }
          steps { error 'never' }
        }
      }
    }
    stage('Production') {
      when {
        branch 'main'
        beforeInput true
        expression { params.DRY == false }
      }
      options { lock(resource: 'production') }
      input {
        message 'To production?'
        ok 'Deploy'
        submitter 'admins'
        submitterParameter 'APPROVER'
      }
      agent any
      environment { TARGET = 'production' }
      steps {
        withCredentials([string(credentialsId: 'token', variable: 'TOKEN')]) {
          sh "deploy \${TARGET} by \${APPROVER} \${params.MODEL}"
        }
      }
    }
  }
  post {
    success { echo 'all well' }
    cleanup { echo 'cleaned' }
  }
}
`;
const status = ({ stages }) => Object.fromEntries(stages.map((each) => [each.path, each.status]));
const shells = ({ calls }) =>
  calls.filter(({ name }) => name === 'sh').map((each) => each.arguments[0].script ?? each.arguments[0]);
const main = { BRANCH_NAME: 'main' };

jenkins('a green build of main: stages, branches, input, post, environment', async () => {
  const result = await runJenkinsfile({
    text,
    env: main,
    params: { MODEL: 'm' },
    previousResult: 'FAILURE',
    results: [{ script: /^plan$/, output: 'p\n' }],
  });
  assert.equal(result.conclusion, 'SUCCESS', JSON.stringify(result, null, 2));
  assert.deepEqual(status(result), {
    Check: 'SUCCESS',
    'Check/shard 1': 'SUCCESS',
    'Check/shard 2': 'SUCCESS',
    Matrix: 'SUCCESS',
    "Matrix/Matrix - OS = 'a'": 'SUCCESS',
    "Matrix/Matrix - OS = 'a'/Cell": 'SUCCESS',
    "Matrix/Matrix - OS = 'b'": 'SUCCESS',
    "Matrix/Matrix - OS = 'b'/Cell": 'SUCCESS',
    Together: 'SUCCESS',
    'Together/Left': 'SUCCESS',
    'Together/Right': 'SKIPPED',
    Production: 'SUCCESS',
  });
  assert.deepEqual(shells(result), [
    'npm ci',
    'plan',
    'run 1 p 22-main',
    'run 2 p 22-main',
    'cell a',
    'cell b',
    'deploy production by approver m',
  ]);
  assert.deepEqual(result.stages[0].post, ['always', 'fixed']);
  assert.deepEqual(result.pipeline.post, ['success', 'cleanup']);
  assert.deepEqual(result.inputs, [
    { message: 'To production?', approved: true, ok: 'Deploy', submitter: 'admins', stage: 'Production' },
  ]);
  const shard = result.calls.find((each) => each.arguments[0] === 'run 2 p 22-main');
  assert.equal(shard.agent, 'gpu');
  assert.equal(shard.stage, 'Check/shard 2');
  const deploy = result.calls.find((each) => String(each.arguments[0]).startsWith('deploy'));
  assert.equal(deploy.env.TOKEN, 'credentials(token)');
  assert.deepEqual(
    result.calls
      .filter(({ name }) => name === 'junit')
      .map(({ arguments: [first], post }) => [first.testResults, post]),
    [['**/junit.xml', 'always']],
  );
  assert.deepEqual(result.pipeline.triggers, [{ name: 'cron', arguments: ['H 4 * * *'] }]);
  assert.deepEqual(result.stages.find(({ name }) => name === 'Production').options, [
    { name: 'lock', arguments: [{ resource: 'production' }] },
  ]);
});

jenkins('a red shard: the other one runs, what follows is skipped, post says so', async () => {
  const result = await runJenkinsfile({ text, env: main, failing: [/run 1/] });
  assert.equal(result.conclusion, 'FAILURE');
  const all = status(result);
  assert.equal(all['Check/shard 1'], 'FAILURE');
  assert.equal(all['Check/shard 2'], 'SUCCESS');
  assert.equal(all.Production, 'SKIPPED');
  assert.equal(result.stages.find(({ name }) => name === 'Production').reason, 'earlier failure');
  assert.deepEqual(result.stages[0].post, ['always', 'failure']);
  assert.deepEqual(result.pipeline.post, ['cleanup']);
  assert.deepEqual(result.calls.find(({ post }) => post === 'failure').arguments, ['failed FAILURE']);
  assert.deepEqual(result.inputs, []);
});

jenkins('a pull request, a schedule, a rejected input', async () => {
  const [pull, schedule, rejected] = await Promise.all([
    runJenkinsfile({ text, env: { BRANCH_NAME: 'PR-7', CHANGE_ID: '7', CHANGE_TARGET: 'main' } }),
    runJenkinsfile({
      text,
      env: main,
      causes: ['hudson.triggers.TimerTrigger$TimerTriggerCause'],
      stashes: ['out-1'],
      params: { DRY: true },
    }),
    runJenkinsfile({ text, env: main, rejected: [/production/] }),
  ]);
  assert.equal(pull.conclusion, 'FAILURE');
  assert.equal(status(pull)['Together/Right'], 'FAILURE');
  assert.equal(schedule.conclusion, 'SUCCESS');
  assert.equal(status(schedule).Check, 'SKIPPED');
  assert.equal(status(schedule).Production, 'SKIPPED');
  assert.equal(rejected.conclusion, 'ABORTED');
  assert.equal(status(rejected).Production, 'ABORTED');
  assert.equal(rejected.inputs[0].approved, false);
});

const wrap = (stage) => `pipeline {\n agent any\n stages {\n stage('A') {\n${stage}\n}\n }\n}`;
const refused = [
  ['code outside of script', wrap('steps {\n def x = 1\n sh "a $x"\n}'), /takes calls only/],
  ['an unknown directive', wrap('stepz { sh "a" }'), /Unknown 'stepz'/],
  ['an unknown step', wrap('steps { shell "a" }'), /no step 'shell'/],
  ['two bodies', wrap('steps { sh "a" }\nparallel { stage("B") { steps { sh "b" } } }'), /Expected one of/],
  ['no agent', wrap('steps { sh "a" }').replace('agent any', ''), /'agent'/],
  ['a computed name of a stage', wrap('steps { sh "a" }').replace("'A'", '"A${1}"'), /plain string/],
  ['a post condition that is not there', wrap('steps { sh "a" }\npost { finally { sh "b" } }'), /./],
  ['two stages of one name', wrap('stages { stage("A") { steps { sh "a" } } }'), /Duplicate stage name/],
  ['text that is no Groovy', 'pipeline {', /./],
];
for (const [what, file, message] of refused)
  jenkins(`${what} is refused`, async () => {
    const result = await runJenkinsfile({ text: file });
    assert.equal(result.conclusion, 'REFUSED', JSON.stringify(result));
    assert.match(result.message, message);
    assert.equal(result.trace, undefined, result.trace);
  });
