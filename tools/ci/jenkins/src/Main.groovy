import groovy.json.JsonOutput
import groovy.json.JsonSlurperClassic

/** Arguments: the folder with Jenkinsfile and options.json, which also takes result.json. */
File folder = new File(args[0])
Map options = new JsonSlurperClassic().parse(new File(folder, 'options.json'), 'UTF-8') as Map
Map result
try {
    SyntaxCheck.check(new File(folder, 'Jenkinsfile').getText('UTF-8'))
    PipelineRun run = new PipelineRun(folder, options)
    run.start('Jenkinsfile')
    result = [conclusion: run.result, pipeline: run.pipeline, stages: run.stages, inputs: run.inputs, calls: run.recorder.calls]
} catch (PipelineError refused) {
    result = [conclusion: 'REFUSED', message: refused.message]
} catch (org.codehaus.groovy.control.CompilationFailedException refused) {
    result = [conclusion: 'REFUSED', message: refused.message]
} catch (Exception failed) {
    StringWriter trace = new StringWriter()
    failed.printStackTrace(new PrintWriter(trace))
    result = [conclusion: 'REFUSED', message: failed.toString(), trace: trace.toString()]
}
new File(folder, 'result.json').setText(JsonOutput.toJson(result), 'UTF-8')
