import { escapeMarkdown, markdownTable, textTable } from './table';

const table = {
  header: ['metric', 'value'],
  rows: [
    ['roc-auc', '0.84'],
    ['f1', '0.5123'],
  ],
  alignment: ['left', 'right'],
} as const;

it('pads the columns of a text table and leaves no trailing spaces', () => {
  expect(textTable(table)).toEqual([
    'metric    value',
    '-------  ------',
    'roc-auc    0.84',
    'f1       0.5123',
  ]);
  expect(textTable({ header: ['a', 'b'], rows: [['x', '']] })[2]).toBe('x');
});

it('writes Markdown whose cells cannot break the table', () => {
  expect(markdownTable({ ...table, rows: [['a|b\nc', '1']] })).toEqual([
    '| metric | value |',
    '| --- | --: |',
    '| a\\|b c | 1 |',
  ]);
});

it('escapes what Markdown would take as markup', () => {
  expect(escapeMarkdown('a_b <script> [x](y) |')).toBe('a\\_b \\<script> \\[x\\](y) \\|');
});
