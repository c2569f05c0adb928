import { actionsLibraries } from './actions-libraries.mjs';

/**
 * Reads a workflow as GitHub does: against its schema, with every expression parsed in the contexts of its place.
 *
 * @param {string} text YAML
 * @param {string} [name] of the file, for the messages
 * @returns {Promise<{ errors: { message: string, line?: number, column?: number }[], template?: object }>} the template is
 *   there when the file could be read at all; a workflow that GitHub would take has no errors
 */
export async function parseWorkflow(text, name = '.github/workflows/workflow.yml') {
  const library = await actionsLibraries();
  const { context, value } = library.parseWorkflow(
    { name, content: text },
    new library.NoOperationTraceWriter(),
  );
  const template =
    value === undefined
      ? undefined
      : await library.convertWorkflowTemplate(context, value, undefined, {
          errorPolicy: library.ErrorPolicy.TryConversion,
        });
  const errors = context.errors.getErrors().map(({ rawMessage, range }) => ({
    message: rawMessage,
    ...(range === undefined ? {} : { line: range.start.line, column: range.start.column }),
  }));
  return { errors, ...(template === undefined ? {} : { template }) };
}
