/** The inside of `steps { … }` and `post` conditions: each call is a step, never a directive of the stage around it. */
class StepScope {
    private final Script script
    private final Recorder recorder

    StepScope(Script script, Recorder recorder) {
        this.script = script
        this.recorder = recorder
    }

    Object evaluate(Closure body) {
        Closure inside = body.clone() as Closure
        inside.delegate = this
        inside.resolveStrategy = Closure.DELEGATE_FIRST
        return inside.call()
    }

    @Override
    Object invokeMethod(String name, Object arguments) {
        boolean known = recorder.steps.containsKey(name) || script.getClass().declaredMethods.any { it.name == name }
        if (!known) throw new PipelineError("There is no step '${name}' here. There are: ${recorder.steps.keySet().sort().join(', ')}")
        return script.invokeMethod(name, arguments)
    }

    @Override
    Object getProperty(String name) { throw new MissingPropertyException(name, StepScope) }

    @Override
    void setProperty(String name, Object value) { script.binding.setVariable(name, value) }
}
