import groovy.json.JsonSlurperClassic

/** What the steps do here: `sh` is answered by the test, the others note themselves or run what is in them. */
class Steps {
    static final List<String> NOT_NOTED = ['pipeline', 'script']

    private final PipelineRun run
    private final Map options
    private final Set<String> stashes = []

    Steps(PipelineRun run, Map options) {
        this.run = run
        this.options = options
        (options.stashes ?: []).each { stashes << it.toString() }
    }

    Map<String, Closure> all() {
        Closure note = { Object... arguments -> null }
        Closure inside = { Object... arguments -> body(arguments)?.call() }
        Map<String, Closure> found = [
            'echo', 'junit', 'archiveArtifacts', 'cleanWs', 'deleteDir', 'milestone', 'sleep', 'publishHTML', 'fingerprint',
            'copyArtifacts', 'writeFile', 'properties', 'recordIssues', 'emailext', 'mail', 'build', 'cache', 'githubNotify',
            'updateGitlabCommitStatus', 'setGitHubPullRequestStatus', 'pullRequest',
        ].collectEntries { [it, note] }
        found += ['script', 'lock', 'timeout', 'timestamps', 'ansiColor', 'dir', 'ws', 'nodejs', 'withChecks', 'waitUntil', 'throttle']
            .collectEntries { [it, inside] }
        // These values are arguments of withCredentials and checkout.
        found += ['string', 'usernamePassword', 'file', 'usernameColonPassword', 'sshUserPrivateKey', 'booleanParam', 'choice', 'text', 'password']
            .collectEntries { String kind -> [kind, { Map fields = [:] -> [kind: kind] + fields }] }
        found += [
            sh: this.&shell,
            bat: this.&shell,
            error: { Object message -> throw new StepFailed(message instanceof Map ? message.message.toString() : message.toString()) },
            unstable: { Object message -> run.worsen('UNSTABLE') },
            checkout: { Object... arguments -> run.env.environment.findAll { it.key.startsWith('GIT_') } },
            stash: { Object what -> stashes << (what instanceof Map ? what.name : what).toString(); null },
            unstash: { Object what ->
                String name = (what instanceof Map ? what.name : what).toString()
                if (!stashes.contains(name)) throw new StepFailed("No such saved stash '${name}'")
            },
            stage: { Object name, Closure work -> run.scripted(name instanceof Map ? name.name.toString() : name.toString(), work) },
            node: { Object... arguments -> run.onNode(arguments.find { !(it instanceof Closure) }, body(arguments)) },
            parallel: { Map branches -> run.branches(branches) },
            input: { Object what -> run.ask(what instanceof Map ? what : [message: what.toString()]) },
            withEnv: { List values, Closure work ->
                run.env.within(values.collectEntries { String each = it.toString(); [each.substring(0, each.indexOf('=')), each.substring(each.indexOf('=') + 1)] }, work)
            },
            withCredentials: { List bindings, Closure work -> run.env.within(credentials(bindings), work) },
            retry: { Object... arguments -> retry((arguments[0] instanceof Map ? arguments[0].count : arguments[0]) as int, body(arguments)) },
            catchError: { Object... arguments -> run.caught(arguments[0] instanceof Map ? arguments[0] as Map : [:], body(arguments)) },
            warnError: { Object... arguments -> run.caught([buildResult: 'UNSTABLE', stageResult: 'UNSTABLE'], body(arguments)) },
            readFile: { Object what -> file(what instanceof Map ? what.file : what) },
            readJSON: { Map what -> new JsonSlurperClassic().parseText(what.text != null ? what.text.toString() : file(what.file)) },
            fileExists: { Object what -> (options.files ?: [:]).containsKey((what instanceof Map ? what.file : what).toString()) },
            isUnix: { true },
            pwd: { Object... arguments -> '/workspace' },
            credentials: { String id -> "credentials(${id})".toString() },
        ]
        return found
    }

    /** The first of the test's answers whose pattern is in the script; without one it is green and prints nothing. */
    private Object shell(Object what) {
        Map call = what instanceof Map ? what : [script: what]
        String script = call.script.toString()
        Map answer = (options.results ?: []).find { script =~ it.script } ?: [:]
        int code = (answer.code ?: 0) as int
        if (call.returnStatus) return code
        if (code != 0) throw new StepFailed("script returned exit code ${code}: ${script.readLines()[0]}")
        return call.returnStdout ? (answer.output ?: '').toString() : null
    }

    private Map<String, String> credentials(List bindings) {
        bindings.collectMany { Map each ->
            [each.variable, each.usernameVariable, each.passwordVariable, each.keyFileVariable].findAll { it != null }
                .collect { [it, "credentials(${each.credentialsId})".toString()] }
        }.collectEntries { it }
    }

    private Object retry(int times, Closure work) {
        for (int attempt = 1; ; attempt++) {
            try {
                return work.call()
            } catch (StepFailed failed) {
                if (attempt >= times || failed.result == 'ABORTED') throw failed
            }
        }
    }

    private String file(Object path) {
        Map files = options.files ?: [:]
        if (!files.containsKey(path.toString())) throw new StepFailed("No such file: ${path}")
        return files[path.toString()].toString()
    }

    private static Closure body(Object[] arguments) { arguments.reverse().find { it instanceof Closure } }
}
