/** `currentBuild`, as far as a Jenkinsfile reads it. */
class CurrentBuild {
    private final PipelineRun run
    String displayName = '#1'
    String description = ''
    final int number = 1
    final long duration = 0
    final long timeInMillis
    final long startTimeInMillis

    CurrentBuild(PipelineRun run) {
        this.run = run
        timeInMillis = (run.options.timeInMillis == null ? System.currentTimeMillis() : run.options.timeInMillis) as long
        startTimeInMillis = timeInMillis
    }

    String getCurrentResult() { run.result }

    String getResult() { run.result == 'SUCCESS' ? null : run.result }

    void setResult(String result) { run.worsen(result) }

    Map getPreviousBuild() { [result: run.options.previousResult ?: 'SUCCESS'] }

    List getBuildCauses(String kind = null) {
        run.causes.findAll { kind == null || it == kind }.collect { [_class: it, shortDescription: it] }
    }
}
