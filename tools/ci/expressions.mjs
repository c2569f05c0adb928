import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { actionsLibraries } from './actions-libraries.mjs';
import { filesMatching } from './globs.mjs';

const CONTEXTS = [
  'github',
  'env',
  'vars',
  'secrets',
  'needs',
  'steps',
  'matrix',
  'strategy',
  'job',
  'runner',
  'inputs',
];
const STATUS_FUNCTIONS = ['success', 'failure', 'always', 'cancelled'];
const callsStatus = new RegExp(`\\b(${STATUS_FUNCTIONS.join('|')})\\s*\\(`);

/**
 * Evaluates GitHub's expressions with its own library.
 *
 * @typedef {object} Scope
 * @property {Record<string, unknown>} contexts by name: github, env, …; one that is not given is null
 * @property {Record<string, boolean>} [status] what success(), failure(), always() and cancelled() give
 * @property {string} [workspace] folder that hashFiles looks in
 */
export class Expressions {
  static async create() {
    return new Expressions(await actionsLibraries());
  }

  constructor(library) {
    this.library = library;
  }

  /**
   * @param {string} expression without its braces
   * @param {Scope} scope
   * @returns {unknown} as JSON
   */
  evaluate(expression, scope) {
    return this.#plain(this.#evaluate(expression, scope));
  }

  /**
   * Any value of a workflow: text with expressions in it, or a list or map of such.
   *
   * @returns {unknown} a text that is one expression keeps its type
   */
  resolve(value, scope) {
    if (Array.isArray(value)) return value.map((each) => this.resolve(each, scope));
    if (typeof value === 'object' && value !== null)
      return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, this.resolve(each, scope)]));
    if (typeof value !== 'string') return value;
    const parts = partsOf(value);
    if (parts.length === 1 && parts[0].expression !== undefined)
      return this.evaluate(parts[0].expression, scope);
    return this.text(value, scope);
  }

  /** A value that becomes a string: an environment variable, an input of an action. */
  text(value, scope) {
    if (value === null || value === undefined) return '';
    if (typeof value !== 'string') return String(value);
    return partsOf(value)
      .map(({ text, expression }) =>
        expression === undefined ? text : this.#evaluate(expression, scope).coerceString(),
      )
      .join('');
  }

  /** A condition (`if:`): without a status function, success() is part of it. */
  condition(value, scope) {
    if (value === undefined || value === null) return scope.status.success;
    const text = String(value).trim();
    const parts = partsOf(text);
    if (parts.length > 1)
      throw new Error(`The condition "${text}" mixes text and expressions, which is always true on GitHub`);
    const expression = parts[0]?.expression ?? text;
    const whole = callsStatus.test(withoutStrings(expression)) ? expression : `success() && (${expression})`;
    return isTrue(this.#evaluate(whole, scope), this.library.data);
  }

  #evaluate(expression, { contexts, status = {}, workspace }) {
    const { Lexer, Parser, Evaluator, data } = this.library;
    const functions = [
      ...STATUS_FUNCTIONS.map((name) => ({
        name,
        minArgs: 0,
        maxArgs: 0,
        call: () => {
          if (status[name] === undefined) throw new Error(`${name}() is not to be had here`);
          return new data.BooleanData(status[name]);
        },
      })),
      {
        name: 'hashFiles',
        minArgs: 1,
        maxArgs: 255,
        call: (...patterns) =>
          new data.StringData(
            hashFiles(
              workspace,
              patterns.map((each) => each.coerceString()),
            ),
          ),
      },
    ];
    try {
      const { tokens } = new Lexer(expression).lex();
      const parsed = new Parser(tokens, CONTEXTS, functions).parse();
      const values = new data.Dictionary(
        ...CONTEXTS.map((key) => ({ key, value: this.#data(contexts[key] ?? null) })),
      );
      return new Evaluator(
        parsed,
        values,
        new Map(functions.map((each) => [each.name.toLowerCase(), each])),
      ).evaluate();
    } catch (error) {
      throw new Error(`The expression "${expression.trim()}" failed: ${error.message}`, { cause: error });
    }
  }

  #data(value) {
    return JSON.parse(JSON.stringify(value), this.library.data.reviver);
  }

  #plain(value) {
    return JSON.parse(JSON.stringify(value, this.library.data.replacer));
  }
}

/** GitHub's truth: false, 0, NaN, the empty string and null are false. */
function isTrue(value, data) {
  switch (value.kind) {
    case data.Kind.Boolean:
      return value.value;
    case data.Kind.Number:
      return value.value !== 0 && !Number.isNaN(value.value);
    case data.Kind.String:
      return value.value !== '';
    case data.Kind.Null:
      return false;
    default:
      return true;
  }
}

/** A text as pieces: plain ones and the insides of `${{ … }}`, whose strings may hold braces. */
export function partsOf(text) {
  const parts = [];
  let rest = 0;
  for (;;) {
    const start = text.indexOf('${{', rest);
    if (start === -1) break;
    if (start > rest) parts.push({ text: text.slice(rest, start) });
    let end = start + 3;
    let quoted = false;
    while (end < text.length && (quoted || !text.startsWith('}}', end))) {
      if (text[end] === "'") quoted = !quoted;
      end++;
    }
    if (end >= text.length) throw new Error(`"${text}" has an expression without an end`);
    parts.push({ expression: text.slice(start + 3, end) });
    rest = end + 2;
  }
  if (rest < text.length) parts.push({ text: text.slice(rest) });
  return parts;
}

function withoutStrings(expression) {
  return expression.replace(/'(?:[^']|'')*'/g, "''");
}

function hashFiles(workspace, patterns) {
  const files = filesMatching(workspace, patterns, { skip: ['.git'] });
  if (files.length === 0) return '';
  const hash = createHash('sha256');
  for (const file of files) hash.update(createHash('sha256').update(readFileSync(file)).digest());
  return hash.digest('hex');
}
