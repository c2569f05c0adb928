/**
 * The half of the graph that parses configs and builds projects. It brings the config schemas along, which take longer
 * to load than all the rest; `create-nodes` therefore loads it when something changed, and not before.
 */
export { buildProject } from './build-project';
export { checkReferences } from './check-references';
export { parseEnvironments } from './parse-environments';
export { summarizeConfig } from './summarize-config';
