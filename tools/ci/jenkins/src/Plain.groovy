/** Arguments as JSON can hold them; a closure is left out. */
class Plain {
    static List list(Object arguments) {
        return (arguments as List).findAll { !(it instanceof Closure) }.collect { value(it) }
    }

    static Object value(Object any) {
        if (any instanceof Map) return any.findAll { !(it.value instanceof Closure) }.collectEntries { [it.key.toString(), value(it.value)] }
        if (any instanceof Collection || any instanceof Object[]) return list(any)
        if (any == null || any instanceof Number || any instanceof Boolean) return any
        return any.toString()
    }
}
