/** `env`: what the pipeline set lies over what the build was given. */
class Environment {
    private final Map<String, String> given
    private final List<Map<String, String>> layers = [[:]]

    Environment(Map<String, String> given) { this.given = given }

    @Override
    Object getProperty(String name) {
        Map layer = layers.reverse().find { it.containsKey(name) }
        return layer != null ? layer[name] : given[name]
    }

    @Override
    void setProperty(String name, Object value) { layers[0][name] = value?.toString() }

    Object getAt(String name) { getProperty(name) }

    void putAt(String name, Object value) { setProperty(name, value) }

    Map<String, String> ofPipeline() { layers.inject([:]) { all, each -> all + each } }

    Object within(Map<String, String> layer, Closure work) {
        layers << layer
        try {
            return work.call()
        } finally {
            layers.removeAt(layers.size() - 1)
        }
    }

    Map<String, String> getEnvironment() { given + ofPipeline() }
}
