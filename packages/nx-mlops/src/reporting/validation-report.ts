export { validationHtml } from './validation/validation-html';
export { validationJunit } from './validation/validation-junit';
export { validationMarkdown } from './validation/validation-markdown';
