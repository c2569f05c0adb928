import java.util.regex.Pattern

/** The conditions of `when { … }`. */
class When {
    private final PipelineRun run
    /** Keys beforeAgent, beforeInput, beforeOptions. */
    final Map<String, Boolean> early = [:]
    private List<Closure<Boolean>> conditions = []

    When(PipelineRun run, Closure body) {
        this.run = run
        conditions = read(body, 'when', true)
        if (conditions.isEmpty()) throw new PipelineError('Empty when closure, remove the property or add some content.')
    }

    boolean holds() { conditions.every { it.call() } }

    private List<Closure<Boolean>> read(Closure body, String where, boolean outermost = false) {
        List<Closure<Boolean>> found = []
        Closure add = { Closure<Boolean> condition -> found << condition; null }
        Map<String, Closure> known = [
            branch: { Object what -> add { matches(run.env['BRANCH_NAME'], what) } },
            tag: { Object what -> add { matches(run.env['TAG_NAME'], what) } },
            buildingTag: { -> add { run.env['TAG_NAME'] != null } },
            changeRequest: { Map what = [:] -> add { isChangeRequest(what) } },
            changeset: { Object what -> add { run.noted("changeset ${what}", true) } },
            changelog: { Object what -> add { run.noted("changelog ${what}", true) } },
            environment: { Map what -> add { run.env[what.name.toString()] == what.value.toString() } },
            equals: { Map what -> add { what.expected == what.actual } },
            expression: { Closure what -> add { run.steps.evaluate(what) as boolean } },
            triggeredBy: { Object what -> add { isTriggeredBy(what) } },
            not: { Closure what -> List inner = read(what, 'not'); add { !inner.every { it.call() } } },
            allOf: { Closure what -> List inner = read(what, 'allOf'); add { inner.every { it.call() } } },
            anyOf: { Closure what -> List inner = read(what, 'anyOf'); add { inner.any { it.call() } } },
        ]
        if (outermost)
            ['beforeAgent', 'beforeInput', 'beforeOptions'].each { String name -> known[name] = { Boolean on -> early[name] = on } }
        Section.evaluate(body, new Section(where, known))
        return found
    }

    private boolean isChangeRequest(Map what) {
        if (run.env['CHANGE_ID'] == null) return false
        Map names = [id: 'CHANGE_ID', target: 'CHANGE_TARGET', branch: 'CHANGE_BRANCH', fork: 'CHANGE_FORK', url: 'CHANGE_URL', title: 'CHANGE_TITLE', author: 'CHANGE_AUTHOR']
        String comparator = what.comparator ?: 'EQUALS'
        return what.findAll { it.key != 'comparator' }.every { key, value ->
            matches(run.env[names[key.toString()]], [pattern: value, comparator: comparator])
        }
    }

    private boolean isTriggeredBy(Object what) {
        String cause = what instanceof Map ? what.cause : what
        return run.causes.any { it == cause || it.tokenize('.$')[-1] in [cause, "${cause}Cause".toString()] }
    }

    private static boolean matches(Object value, Object what) {
        if (value == null) return false
        Map call = what instanceof Map ? what : [pattern: what]
        String pattern = call.pattern.toString()
        switch (call.comparator ?: 'GLOB') {
            case 'EQUALS': return value == pattern
            case 'REGEXP': return value ==~ pattern
            default: return value ==~ glob(pattern)
        }
    }

    private static String glob(String pattern) {
        pattern.split(/(?<=\*\*)|(?=\*\*)/).collect { String part ->
            part == '**' ? '.*' : part.split(/(?<=[*?])|(?=[*?])/).collect { it == '*' ? '[^/]*' : it == '?' ? '[^/]' : Pattern.quote(it) }.join('')
        }.join('')
    }
}
