import com.lesfurets.jenkins.unit.MethodSignature
import com.lesfurets.jenkins.unit.PipelineTestHelper

/**
 * JenkinsPipelineUnit with steps that take any arguments. Each call is kept with the stage that it was made in.
 */
class Recorder extends PipelineTestHelper {
    final Map<String, Closure> steps = [:]
    /** What every call is noted with; set by the run. */
    Closure<Map> circumstances = { [:] }
    final List<Map> calls = []

    @Override
    protected void registerMethodCall(Object target, int depth, String name, Object... arguments) {
        super.registerMethodCall(target, depth, name, arguments)
        if (steps.containsKey(name) && !(name in Steps.NOT_NOTED))
            calls << [name: name, arguments: Plain.list(arguments)] + circumstances()
    }

    @Override
    protected Map.Entry<MethodSignature, Closure> getAllowedMethodEntry(String name, Object... arguments) {
        Closure step = steps[name]
        if (step == null) return super.getAllowedMethodEntry(name, arguments)
        return new AbstractMap.SimpleEntry(MethodSignature.method(name), step)
    }
}
