/** A Jenkinsfile that Jenkins would refuse. */
class PipelineError extends RuntimeException {
    PipelineError(String message) { super(message) }
}
