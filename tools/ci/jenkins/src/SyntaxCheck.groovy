import org.codehaus.groovy.ast.expr.*
import org.codehaus.groovy.ast.stmt.*
import org.codehaus.groovy.control.CompilationUnit
import org.codehaus.groovy.control.Phases

/**
 * What the declarative syntax forbids though Groovy would take it: code outside `script { }`, names that are computed.
 */
class SyntaxCheck {
    private static final List<String> STEP_SECTIONS = ['steps'] + PipelineModel.CONDITIONS
    private static final List<String> FREE = ['script', 'expression']

    static void check(String text) {
        CompilationUnit unit = new CompilationUnit()
        unit.addSource('Jenkinsfile', text)
        unit.compile(Phases.CONVERSION)
        BlockStatement block = unit.AST.modules[0].statementBlock
        List<MethodCallExpression> pipelines = block.statements
            .findAll { it instanceof ExpressionStatement && it.expression instanceof MethodCallExpression }
            .collect { it.expression }
            .findAll { it.methodAsString == 'pipeline' }
        if (pipelines.size() != 1) throw new PipelineError("A declarative Jenkinsfile has one pipeline { }, and this has ${pipelines.size()}")
        directives(closureOf(pipelines[0]), 'pipeline')
    }

    private static void directives(ClosureExpression body, String where) {
        eachCall(body, where) { MethodCallExpression call ->
            String name = call.methodAsString
            List<Expression> arguments = argumentsOf(call)
            if (name == 'stage' && !(arguments[0] instanceof ConstantExpression))
                refuse(call, "the name of a stage must be a plain string")
            if (name == 'values' && arguments.any { !(it instanceof ConstantExpression) })
                refuse(call, "the values of an axis must be plain strings")
            ClosureExpression inside = closureOf(call)
            if (inside == null || name in FREE) return
            if (name == 'environment' && where != 'when') environment(inside)
            else if (name in STEP_SECTIONS) steps(inside, name)
            else directives(inside, name)
        }
    }

    private static void steps(ClosureExpression body, String where) {
        if (body.code.statements.isEmpty()) refuse(body, "no steps specified for ${where}")
        eachCall(body, where) { MethodCallExpression call ->
            ClosureExpression inside = closureOf(call)
            if (inside != null && !(call.methodAsString in FREE)) steps(inside, call.methodAsString)
        }
    }

    private static void environment(ClosureExpression body) {
        body.code.statements.each { Statement each ->
            Expression expression = expressionOf(each)
            if (!(expression instanceof BinaryExpression && expression.operation.text == '=' && expression.leftExpression instanceof VariableExpression))
                refuse(each, 'environment takes NAME = value and nothing else')
            Expression value = expression.rightExpression
            boolean isText = value instanceof GStringExpression || (value instanceof ConstantExpression && value.value instanceof String)
            boolean isCall = value instanceof MethodCallExpression
            boolean isSum = value instanceof BinaryExpression && value.operation.text == '+'
            if (!isText && !isCall && !isSum) refuse(each, 'values of environment are strings in quotes or calls')
        }
    }

    private static void eachCall(ClosureExpression body, String where, Closure visit) {
        body.code.statements.each { Statement each ->
            Expression expression = expressionOf(each)
            if (!(expression instanceof MethodCallExpression && expression.implicitThis))
                refuse(each, "${where} { } takes calls only; other code belongs into script { }")
            visit(expression)
        }
    }

    private static Expression expressionOf(Statement each) {
        if (each instanceof ExpressionStatement) return each.expression
        if (each instanceof ReturnStatement) return each.expression
        return null
    }

    private static List<Expression> argumentsOf(MethodCallExpression call) {
        return call.arguments instanceof TupleExpression ? call.arguments.expressions : [call.arguments]
    }

    private static ClosureExpression closureOf(MethodCallExpression call) {
        return argumentsOf(call).find { it instanceof ClosureExpression }
    }

    private static void refuse(node, String message) {
        throw new PipelineError("Line ${node.lineNumber}: ${message}")
    }
}
