/** Variables of the script; a name that is none may be one of `env`, as in Jenkins. */
class PipelineBinding extends Binding {
    final Environment environment

    PipelineBinding(Environment environment) {
        this.environment = environment
        setVariable('env', environment)
    }

    @Override
    Object getVariable(String name) {
        if (!super.hasVariable(name) && environment[name] != null) return environment[name]
        return super.getVariable(name)
    }

    @Override
    boolean hasVariable(String name) { super.hasVariable(name) || environment[name] != null }
}
