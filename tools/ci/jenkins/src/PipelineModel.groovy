/** Reads `pipeline { … }` into a tree, and refuses what Jenkins would refuse. Nothing runs yet. */
class PipelineModel {
    static final List<String> CONDITIONS =
        ['always', 'changed', 'fixed', 'regression', 'aborted', 'failure', 'success', 'unstable', 'unsuccessful', 'cleanup']
    static final List<String> OPTIONS = [
        'buildDiscarder', 'checkoutToSubdirectory', 'disableConcurrentBuilds', 'disableResume', 'durabilityHint',
        'lock', 'overrideIndexTriggers', 'parallelsAlwaysFailFast', 'preserveStashes', 'quietPeriod', 'retry',
        'skipDefaultCheckout', 'skipStagesAfterUnstable', 'throttleJobProperty', 'timeout', 'timestamps', 'ansiColor',
        'rateLimitBuilds', 'copyArtifactPermission', 'catchError',
    ]
    static final List<String> STAGE_OPTIONS = ['lock', 'retry', 'skipDefaultCheckout', 'timeout', 'timestamps', 'ansiColor', 'catchError']

    final Map root = [agent: null, environment: null, options: [], triggers: [], parameters: [], tools: [], stages: [], post: [:]]

    PipelineModel(Closure body) {
        Section.evaluate(body, new Section('pipeline', sections(root, 'pipeline', OPTIONS) + [
            triggers: { Closure inside -> root.triggers = calls(inside, 'triggers', ['cron', 'pollSCM', 'upstream', 'githubPush', 'GenericTrigger']) },
            parameters: { Closure inside -> root.parameters = parameters(inside) },
            libraries: { Closure inside -> },
        ], agents()))
        if (root.agent == null) throw new PipelineError("Missing required section 'agent'")
        if (root.stages.isEmpty()) throw new PipelineError("Missing required section 'stages'")
        List<String> names = []
        eachStage(root.stages) { names << it.name }
        List<String> twice = names.findAll { names.count(it) > 1 }.unique()
        if (twice) throw new PipelineError("Duplicate stage name: ${twice.join(', ')}")
    }

    private Map<String, Closure> sections(Map node, String where, List<String> options) {
        [
            agent: { Object what -> node.agent = what instanceof Closure ? agent(what) : what },
            environment: { Closure inside -> node.environment = inside },
            options: { Closure inside -> node.options = calls(inside, "options of ${where}", options) },
            tools: { Closure inside -> node.tools = calls(inside, "tools of ${where}", null) },
            stages: { Closure inside -> node.stages = stages(inside, where) },
            post: { Closure inside -> node.post = post(inside, where) },
        ]
    }

    private Map agent(Closure body) {
        Map result = [:]
        Section.evaluate(body, new Section('agent', [
            label: { Object label -> result.label = label.toString() },
            node: { Closure inside ->
                Section.evaluate(inside, new Section('agent node', [
                    label: { Object label -> result.label = label.toString() },
                    customWorkspace: { Object path -> result.customWorkspace = path.toString() },
                ]))
            },
            docker: { Object image -> result.docker = image instanceof Closure ? true : image.toString() },
            kubernetes: { Object inside -> result.kubernetes = true },
        ]))
        return result
    }

    private List<Map> stages(Closure body, String where) {
        List<Map> found = []
        Section.evaluate(body, new Section("stages of ${where}", [stage: { String name, Closure inside -> found << stage(name, inside) }]))
        if (found.isEmpty()) throw new PipelineError("No stages in ${where}")
        return found
    }

    private Map stage(String name, Closure body) {
        Map node = [name: name, agent: null, environment: null, options: [], tools: [], post: [:], failFast: false]
        String where = "stage '${name}'"
        Section.evaluate(body, new Section(where, sections(node, where, STAGE_OPTIONS) + [
            when: { Closure inside -> node.when = inside },
            input: { Object inside -> node.input = inside instanceof Closure ? input(inside, where) : [message: inside.toString()] },
            steps: { Closure inside -> node.steps = inside },
            parallel: { Closure inside -> node.parallel = stages(inside, where) },
            matrix: { Closure inside -> node.matrix = matrix(inside, where) },
            failFast: { Boolean on -> node.failFast = on },
        ], agents()))
        List<String> bodies = ['steps', 'stages', 'parallel', 'matrix'].findAll { node[it] != null }
        if (bodies.size() != 1)
            throw new PipelineError("Expected one of \"steps\", \"stages\", \"parallel\", or \"matrix\" for ${where}, and it has ${bodies ?: 'none'}")
        if (node.agent != null && (node.parallel != null))
            throw new PipelineError("\"agent\" is not allowed in ${where} as it contains parallel stages")
        return node
    }

    private Map matrix(Closure body, String where) {
        Map node = [name: null, axes: [], excludes: [], agent: null, environment: null, options: [], tools: [], post: [:]]
        Closure axis = { Map into ->
            return { Closure inside ->
                Map one = [name: null, values: []]
                Section.evaluate(inside, new Section("axis of ${where}", [
                    name: { String each -> one.name = each },
                    values: { Object... each -> one.values = each as List },
                    notValues: { Object... each -> one.notValues = each as List },
                ]))
                into.list << one
            }
        }
        Section.evaluate(body, new Section("matrix of ${where}", sections(node, "matrix of ${where}", STAGE_OPTIONS) + [
            axes: { Closure inside -> Section.evaluate(inside, new Section('axes', [axis: axis([list: node.axes])])) },
            excludes: { Closure inside ->
                Section.evaluate(inside, new Section('excludes', [exclude: { Closure one ->
                    List axes = []
                    Section.evaluate(one, new Section('exclude', [axis: axis([list: axes])]))
                    node.excludes << axes
                }]))
            },
            when: { Closure inside -> node.when = inside },
            input: { Closure inside -> node.input = input(inside, where) },
        ], agents()))
        if (node.axes.isEmpty()) throw new PipelineError("No axes in the matrix of ${where}")
        if (!node.stages) throw new PipelineError("No stages in the matrix of ${where}")
        return node
    }

    private Map input(Closure body, String where) {
        Map found = [:]
        Closure keep = { String key -> return { Object value -> found[key] = value.toString() } }
        Section.evaluate(body, new Section("input of ${where}", [
            message: keep('message'), ok: keep('ok'), submitter: keep('submitter'), id: keep('id'),
            submitterParameter: keep('submitterParameter'),
            parameters: { Closure inside -> found.parameters = parameters(inside) },
        ]))
        if (!found.message) throw new PipelineError("Missing required parameter 'message' of input in ${where}")
        return found
    }

    private Map post(Closure body, String where) {
        Map found = [:]
        Section.evaluate(body, new Section("post of ${where}", CONDITIONS.collectEntries { String condition ->
            [condition, { Closure inside -> found[condition] = inside }]
        }))
        if (found.isEmpty()) throw new PipelineError("post of ${where} can not be empty")
        return found
    }

    private List<Map> parameters(Closure body) {
        return calls(body, 'parameters', ['string', 'text', 'booleanParam', 'choice', 'password', 'file']).collect { Map call ->
            Map fields = call.arguments[0] as Map
            Object first = call.name == 'choice' ? (fields.choices instanceof List ? fields.choices[0] : fields.choices.toString().readLines()[0]) : null
            return [type: call.name, name: fields.name, value: fields.containsKey('defaultValue') ? fields.defaultValue : (call.name == 'booleanParam' ? false : first ?: ''), choices: fields.choices]
        }
    }

    /** Directives that are plain calls with values: the names that may be called, or any. */
    private List<Map> calls(Closure body, String where, List<String> names) {
        List<Map> found = []
        Map known = [:]
        Closure keep = { String name, List arguments ->
            if (names != null && !names.contains(name)) {
                // A value in the arguments of an option, as logRotator(…) in buildDiscarder(logRotator(…)).
                if (name in ['logRotator', 'upstream']) return [(name): arguments]
                throw new PipelineError("Unknown '${name}' in ${where}. It may have: ${names.sort(false).join(', ')}")
            }
            found << [name: name, arguments: arguments]
            return null
        }
        known['*'] = keep
        Section.evaluate(body, new Section(where, known))
        return found
    }

    private static Map<String, Object> agents() { [any: [any: true], none: [none: true]] }

    static void eachStage(List<Map> stages, Closure visit) {
        stages.each { Map node ->
            visit(node)
            eachStage(node.stages ?: [], visit)
            eachStage(node.parallel ?: [], visit)
            eachStage(node.matrix?.stages ?: [], visit)
        }
    }
}
