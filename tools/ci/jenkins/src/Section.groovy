/**
 * The inside of one `{ … }` of a declarative pipeline. A call in it is one of its directives or nothing.
 *
 * A closure asks this first, so it has as few members of its own as can be.
 */
class Section {
    private final String where
    private final Map<String, Closure> known
    private final Map<String, Object> constants

    Section(String where, Map<String, Closure> known, Map<String, Object> constants = [:]) {
        this.where = where
        this.known = known
        this.constants = constants
    }

    static void evaluate(Closure body, Section section) {
        Closure inside = body.clone() as Closure
        inside.delegate = section
        inside.resolveStrategy = Closure.DELEGATE_FIRST
        inside.call()
    }

    @Override
    Object invokeMethod(String name, Object arguments) {
        Closure directive = known[name] ?: known['*']
        if (directive == null)
            throw new PipelineError("Unknown '${name}' in ${where}. It may have: ${known.keySet().sort().join(', ')}")
        List all = (arguments as Object[]) as List
        return known[name] ? directive.call(*all) : directive.call(name, all)
    }

    @Override
    Object getProperty(String name) {
        if (constants.containsKey(name)) return constants[name]
        throw new MissingPropertyException(name, Section)
    }

    @Override
    void setProperty(String name, Object value) {
        if (known['=']) known['='].call(name, value)
        else throw new PipelineError("${name} cannot be set in ${where}")
    }
}
