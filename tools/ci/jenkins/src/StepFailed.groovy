/** A step failed or was aborted, which ends the stage: result is FAILURE, ABORTED or UNSTABLE. */
class StepFailed extends RuntimeException {
    final String result

    StepFailed(String message, String result = 'FAILURE') {
        super(message)
        this.result = result
    }
}
