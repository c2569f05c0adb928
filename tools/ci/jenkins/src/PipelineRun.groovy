/** Plays a pipeline: stages in order, what `when` leaves out, inputs, `post` by outcome. */
class PipelineRun {
    static final List<String> WORSE = ['SUCCESS', 'UNSTABLE', 'FAILURE', 'NOT_BUILT', 'ABORTED']

    final Map options
    final Environment env
    final List<String> causes
    final Recorder recorder = new Recorder()
    final List<Map> stages = []
    final List<Map> inputs = []
    StepScope steps
    String result = 'SUCCESS'
    Map pipeline
    private PipelineModel model
    private final List<String> path = []
    private final List<Object> agents = []
    private final List<String> posts = []
    /** Entries of the stages that are going on, the innermost last. */
    private final List<Map> open = []
    private Script script

    PipelineRun(File folder, Map options) {
        this.options = options
        this.env = new Environment(options.env ?: [:])
        this.causes = options.causes ?: ['hudson.model.Cause$UserIdCause']
        recorder.scriptRoots = [folder.path] as String[]
        recorder.scriptExtension = ''
        recorder.baseScriptRoot = folder.path
        recorder.baseClassloader = getClass().classLoader
        recorder.imports = [Library: 'com.lesfurets.jenkins.unit.global.lib.Library']
        recorder.steps.putAll(new Steps(this, options).all())
        recorder.steps.pipeline = { Closure body -> play(body) }
        recorder.circumstances = { circumstances() }
        recorder.init()
    }

    void start(String name) {
        PipelineBinding binding = new PipelineBinding(env)
        PipelineRun self = this
        binding.setVariable('scm', 'scm')
        binding.setVariable('params', options.params ?: [:])
        binding.setVariable('currentBuild', new CurrentBuild(this))
        binding.setVariable('WORKSPACE', '/workspace')
        script = recorder.loadScript(name, binding)
        steps = new StepScope(script, recorder)
        try {
            recorder.runScript(script)
        } catch (StepFailed failed) {
            self.worsen(failed.result)
        }
    }

    private Map circumstances() {
        [stage: path ? path.join('/') : null, post: posts ? posts[-1] : null, agent: agents ? agents[-1] : null, env: env.ofPipeline()].findAll { it.value != null }
    }

    Object noted(String what, Object value) {
        recorder.calls << [name: 'when', arguments: [what]] + circumstances()
        return value
    }

    /** The result of the build, which never gets better, and of the stages that are going on. */
    void worsen(String other) {
        result = worse(result, other)
        open.each { it.status = worse(it.status, other) }
    }

    private static String worse(String one, String other) {
        return WORSE.indexOf(other) > WORSE.indexOf(one) ? other : one
    }

    private void play(Closure body) {
        model = new PipelineModel(body)
        Map root = model.root
        pipeline = [agent: root.agent, options: Plain.value(root.options), triggers: Plain.value(root.triggers), parameters: Plain.value(root.parameters), tools: Plain.value(root.tools)]
        Map given = options.params ?: [:]
        root.parameters.each { Map each ->
            if (each.type == 'choice' && given.containsKey(each.name) && !(given[each.name] in each.choices))
                throw new PipelineError("The parameter ${each.name} is none of ${each.choices}")
        }
        script.binding.setVariable('params', root.parameters.collectEntries { [it.name, it.value] } + given)
        StepFailed failure = null
        onAgent(root.agent, root.options) {
            withDirectives(root) {
                failure = inOrder(root.stages)
                if (failure != null) worsen(failure.result)
                StepFailed late = post(root.post, result, null)
                failure = failure ?: late
            }
        }
        if (failure != null) throw failure
    }

    /** All stages of a list; what follows a failed one is skipped. */
    private StepFailed inOrder(List<Map> list) {
        StepFailed failure = null
        list.each { Map node ->
            if (failure != null) skip(node, 'earlier failure')
            else failure = attempt(node)
        }
        return failure
    }

    private void skip(Map node, String reason) {
        stages << [name: node.name, path: (path + node.name).join('/'), status: 'SKIPPED', reason: reason]
        path << node.name
        ((node.stages ?: []) + (node.parallel ?: [])).each { skip(it, reason) }
        path.removeAt(path.size() - 1)
    }

    /** One stage; its failure is returned, since those beside it may go on. */
    private StepFailed attempt(Map node) {
        path << node.name
        Map entry = [name: node.name, path: path.join('/'), status: 'SUCCESS']
        stages << entry
        open << entry
        StepFailed failure = null
        try {
            When when = node.when == null ? null : new When(this, node.when)
            boolean[] runs = [true]
            Closure check = { runs[0] = when == null || when.holds() }
            if (when?.early?.beforeOptions || when?.early?.beforeInput) check()
            if (runs[0] && node.input != null) {
                Map answer = ask(node.input)
                node.environmentOfInput = answer
            }
            boolean checked = when?.early?.beforeOptions || when?.early?.beforeInput
            if (runs[0] && !checked && when?.early?.beforeAgent) { check(); checked = true }
            if (runs[0]) {
                if (node.parallel != null) entry.parallel = node.parallel*.name
                entry.options = Plain.value(node.options)
                onAgent(node.agent, node.options) {
                    if (!checked) check()
                    if (!runs[0]) return
                    env.within((node.environmentOfInput ?: [:]) as Map) {
                        withDirectives(node) {
                            failure = body(node)
                            if (failure != null) worsen(failure.result)
                            StepFailed late = post(node.post, worse(result, entry.status), entry)
                            failure = failure ?: late
                        }
                    }
                }
                if (node.agent != null) entry.agent = node.agent
            }
            if (!runs[0]) {
                path.removeAt(path.size() - 1)
                stages.remove(entry)
                skip(node, 'when')
                path << node.name
                entry.status = 'SKIPPED'
            }
        } catch (StepFailed failed) {
            failure = failed
            worsen(failed.result)
        }
        if (failure != null) entry.message = failure.message
        open.removeAt(open.size() - 1)
        path.removeAt(path.size() - 1)
        return failure
    }

    private StepFailed body(Map node) {
        if (node.stages != null) return inOrder(node.stages)
        if (node.parallel != null) return allOf(node.parallel)
        if (node.matrix != null) return allOf(cells(node.matrix))
        try {
            steps.evaluate(node.steps)
        } catch (StepFailed failed) {
            return failed
        }
        return null
    }

    private StepFailed allOf(List<Map> list) {
        List<StepFailed> failures = list.collect { attempt(it) }
        return failures.find { it != null }
    }

    private static List<Map> cells(Map matrix) {
        List<Map> combinations = [[:]]
        matrix.axes.each { Map axis -> combinations = combinations.collectMany { Map each -> axis.values.collect { each + [(axis.name): it.toString()] } } }
        combinations = combinations.findAll { Map each ->
            !matrix.excludes.any { List exclude ->
                exclude.every { Map axis -> axis.notValues != null ? !(each[axis.name] in axis.notValues) : each[axis.name] in axis.values }
            }
        }
        return combinations.collect { Map values ->
            matrix + [name: 'Matrix - ' + values.collect { key, value -> "${key} = '${value}'" }.join(', '), matrix: null, values: values]
        }
    }

    private void onAgent(Object agent, List<Map> declared, Closure work) {
        boolean takes = agent != null && !(agent instanceof Map && agent.none)
        if (!takes) {
            work.call()
            return
        }
        agents << (agent instanceof Map ? (agent.any ? 'any' : agent.label ?: agent.toString()) : agent.toString())
        boolean silent = (declared + (model?.root?.options ?: [])).any { it.name == 'skipDefaultCheckout' && it.arguments != [false] }
        if (!silent) recorder.calls << [name: 'checkout', arguments: ['scm'], implicit: true] + circumstances()
        try {
            work.call()
        } finally {
            agents.removeAt(agents.size() - 1)
        }
    }

    private void withDirectives(Map node, Closure work) {
        Map<String, String> values = [:]
        env.within((node.values ?: [:]) as Map) {
            env.within(values) {
                if (node.environment != null) {
                    Section.evaluate(node.environment, new Section('environment', [
                        '=': { String name, Object value -> values[name] = value?.toString() },
                        credentials: { String id -> "credentials(${id})".toString() },
                    ]))
                }
                work.call()
            }
        }
    }

    private StepFailed post(Map<String, Closure> declared, String outcome, Map entry) {
        String previous = options.previousResult ?: 'SUCCESS'
        Map<String, Boolean> holds = [
            always: true,
            changed: outcome != previous,
            fixed: outcome == 'SUCCESS' && previous in ['FAILURE', 'UNSTABLE'],
            regression: WORSE.indexOf(outcome) > WORSE.indexOf(previous),
            aborted: outcome == 'ABORTED',
            failure: outcome == 'FAILURE',
            success: outcome == 'SUCCESS',
            unstable: outcome == 'UNSTABLE',
            unsuccessful: outcome != 'SUCCESS',
            cleanup: true,
        ]
        StepFailed failure = null
        PipelineModel.CONDITIONS.each { String condition ->
            if (!declared.containsKey(condition) || !holds[condition]) return
            if (entry != null) entry.post = (entry.post ?: []) + condition
            else pipeline.post = (pipeline.post ?: []) + condition
            posts << condition
            try {
                steps.evaluate(declared[condition])
            } catch (StepFailed failed) {
                worsen(failed.result == 'SUCCESS' ? 'FAILURE' : failed.result)
                failure = failure ?: failed
            } finally {
                posts.removeAt(posts.size() - 1)
            }
        }
        return failure
    }

    /** `stage('x') { }` inside of a script. */
    Object scripted(String name, Closure work) {
        path << name
        Map entry = [name: name, path: path.join('/'), status: 'SUCCESS', scripted: true]
        stages << entry
        open << entry
        try {
            return work.call()
        } catch (StepFailed failed) {
            entry.status = worse(entry.status, failed.result)
            entry.message = failed.message
            throw failed
        } finally {
            open.removeAt(open.size() - 1)
            path.removeAt(path.size() - 1)
        }
    }

    /** `parallel [a: { }, b: { }]`: every branch runs, and the first failure is thrown in the end. */
    Object branches(Map all) {
        List<StepFailed> failures = []
        all.findAll { it.value instanceof Closure }.each { name, Closure work ->
            try {
                scripted(name.toString(), work)
            } catch (StepFailed failed) {
                failures << failed
            }
        }
        if (failures) throw failures[0]
        return null
    }

    /** The test says which questions are answered with no; all others are approved. */
    Map ask(Map question) {
        String message = question.message.toString()
        boolean approved = !(options.rejected ?: []).any { message =~ it }
        inputs << [message: message, approved: approved, ok: question.ok?.toString(), submitter: question.submitter?.toString(), id: question.id?.toString()].findAll { it.value != null } + circumstances().subMap(['stage', 'agent'])
        if (!approved) throw new StepFailed("Rejected by the test: ${message}", 'ABORTED')
        Map answer = question.parameters instanceof List ? question.parameters.collectEntries { [it.name, (it.value ?: it.defaultValue)?.toString()] } : [:]
        if (question.submitterParameter) answer[question.submitterParameter] = 'approver'
        return answer
    }

    /** `node('label') { }` inside of a script. */
    Object onNode(Object label, Closure work) {
        agents << (label?.toString() ?: 'any')
        try {
            return work.call()
        } finally {
            agents.removeAt(agents.size() - 1)
        }
    }

    Object caught(Map how, Closure work) {
        try {
            return work.call()
        } catch (StepFailed failed) {
            if (failed.result == 'ABORTED' && how.catchInterruptions == false) throw failed
            result = worse(result, (how.buildResult ?: 'FAILURE').toString())
            if (open) {
                open[-1].status = worse(open[-1].status, (how.stageResult ?: how.buildResult ?: 'FAILURE').toString())
                open[-1].message = failed.message
            }
            return null
        }
    }
}
