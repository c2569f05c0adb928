import fc from 'fast-check';
import MarkdownIt from 'markdown-it';
import type { ModelReport } from './model-report';
import { noModelMarkdown, overallSentence, reportMarkdown } from './report-markdown';
import {
  comparison,
  evaluationOf,
  gateOf,
  gatesOf,
  modelOf,
  projectOf,
  variedReport,
  versusProduction,
} from './workspace-report.fixture';

const markdown = new MarkdownIt({ html: true, linkify: true });
const judged = (...gates: Parameters<typeof gatesOf>[1]): Pick<ModelReport, 'judgement'> => ({
  judgement: { kind: 'judged', gates: gatesOf('m', gates) },
});
const blocked = judged(gateOf({ verdict: 'fail', effect: 'block' }));
const report = (...models: ModelReport[]) => ({ ...variedReport(), models });

/** The cells of a model's row. */
function rowOf(text: string, model: string): string[] {
  const line = text.split('\n').find((each) => each.startsWith(`| <code>${model}</code>`));
  if (line === undefined) throw new Error(`no row of ${model} in:\n${text}`);
  return line.split(' | ').map((cell) => cell.replace(/^\| | \|$/g, '').replaceAll('\u00A0', ' '));
}

describe('reportMarkdown', () => {
  const text = reportMarkdown(variedReport());

  it('says first how it stands, then where that comes from', () => {
    expect(text.split('\n').slice(0, 3)).toEqual([
      '## ❌ 1 of 4 models does not pass its gates, 1 not judged',
      '',
      'The run took 4 min 23 s · the cache saved 12 min 34 s of training · commit <code>4c1a9be4c</code> · [CI run](https://github.com/acme/shop/actions/runs/9)',
    ]);
  });

  it('has a row of five cells a model, the worst first', () => {
    const rows = text
      .split('\n')
      .filter((line) => line.startsWith('| <code>') && line.includes('@') === line.includes('basket'));
    expect(
      markdown
        .render(text)
        .match(/<table>[^]*?<\/table>/)?.[0]
        .match(/<th>/g),
    ).toHaveLength(5);
    expect(rows.slice(0, 4).map((row) => /<code>(.*?)<\/code>/.exec(row)?.[1])).toEqual([
      'flight-delay',
      '@acme/basket-value',
      'churn',
      'penguins',
    ]);
  });

  it('tells metrics with interval, difference and what a gate concluded of it, in the sign of the metric', () => {
    expect(rowOf(text, 'flight-delay')[2]).toBe(
      '<code>roc-auc</code><br>0.7191 → **0.7312**<br>+0.0121, better<br>+0.0043 to +0.0199',
    );
    const limited = gateOf({ name: 'log-loss <= 0.5', metric: 'log-loss', max: 0.5 });
    expect(rowOf(reportMarkdown(report(modelOf('m', judged(limited)))), 'm')[2]).toBe(
      '<code>log-loss</code><br>0.4502 → **0.4421**<br>0.433 to 0.4513<br>−0.0081',
    );
  });

  it('turns the interval of a metric that should be low', () => {
    const lower = gateOf({
      ...versusProduction,
      name: 'log-loss versus production',
      metric: 'log-loss',
      value: 0.4421,
      versus: {
        baseline: 'production',
        value: 0.4502,
        comparison: { ...comparison, low: 0.002, high: 0.014 },
      },
    });
    expect(rowOf(reportMarkdown(report(modelOf('m', judged(lower)))), 'm')[2]).toContain(
      '−0.0081, better<br>−0.014 to −0.002',
    );
  });

  it('tells the change of data and what validation said', () => {
    expect(rowOf(text, 'flight-delay')[3]).toBe('train +8.3 % rows<br>1 feature changed<br>⚠️ 1 warning');
    expect(rowOf(text, 'churn')[3]).toBe('unchanged');
    expect(rowOf(text, '@acme/basket-value')[3]).toBe('❌ <code>baskets</code> is not valid');
    expect(text).toContain('312 of 41,000 values are missing.');
  });

  it('tells time spent and time saved', () => {
    expect(rowOf(text, 'flight-delay')[4]).toBe('3 min 12 s');
    expect(rowOf(text, 'churn')[4]).toBe('0.8 s<br>saved 12 min 34 s');
    expect(rowOf(text, '@acme/basket-value')[4]).toBe('–');
  });

  it('never leaves out a model without a verdict, and says why there is none', () => {
    expect(rowOf(text, '@acme/basket-value')[1]).toBe('❔ not judged');
    expect(text).toContain(
      'The task <code>baskets:validate</code> failed in this run, so nothing newer was judged.',
    );
  });

  it('puts what fails before what is undecided before all gates', () => {
    const details = reportMarkdown(
      report(
        modelOf(
          'm',
          judged(
            gateOf(),
            gateOf({ name: 'undecided', verdict: 'inconclusive', effect: 'warn', because: 'Too few rows.' }),
            gateOf({ name: 'minor', verdict: 'fail', effect: 'warn', because: 'A little low.' }),
            gateOf({ name: 'blocking', verdict: 'fail', effect: 'block', because: 'Far too low.' }),
          ),
        ),
      ),
    );
    const places = ['Far too low.', 'A little low.', 'Too few rows.', '**Gates**'].map((part) =>
      details.indexOf(part),
    );
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(places[0]).toBeGreaterThan(0);
  });

  it('warns of a baseline that is older than the limit, and of no other', () => {
    const details = (name: string, all = text) => all.slice(all.indexOf(`</code> ${name}`));
    expect(text).toMatch(
      /version 7, commit <code>9f3c2e1d9<\/code>, registered 114 days ago, measured anew.*Older than 30 days/,
    );
    expect(text).toMatch(
      /version 12, .*registered 14 days ago, measured anew on these rows\. It serves in production\.$/m,
    );
    expect(details('x', reportMarkdown({ ...variedReport(), staleDays: 114 }))).not.toMatch(/Older than/);
  });

  it('shows slices that are worse beyond chance', () => {
    expect(text).toContain('| <code>origin=JFK</code> | 1,204 | <code>roc-auc</code> | 0.5123 | 0.7312 |');
  });

  it('renders as Markdown that is whole: each fold is closed, each row has all cells', () => {
    const html = markdown.render(text);
    expect(html.match(/<details>/g)).toHaveLength(4);
    expect(html.match(/<\/details>/g)).toHaveLength(4);
    // Bold and tables inside a fold only work when an empty line stands before them.
    expect(html).not.toMatch(/\*\*|\| ---/);
    for (const table of html.match(/<table>[^]*?<\/table>/g) ?? []) {
      const columns = table.match(/<th[ >]/g)?.length ?? 0;
      for (const row of table.match(/<tbody>[^]*<\/tbody>/)?.[0].match(/<tr>[^]*?<\/tr>/g) ?? []) {
        expect(row.match(/<td[ >]/g)).toHaveLength(columns);
      }
    }
  });

  it('has as many cells whatever a project and a metric are called', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...'|`*_<>[]\\a@ \n'), minLength: 1, maxLength: 12 }),
        (name) => {
          const model = modelOf('m', {
            project: { ...projectOf('m'), name },
            evaluation: evaluationOf('m', {
              metrics: { [name]: 0.5 },
              intervals: {},
              directions: { [name]: 'higher' },
            }),
          });
          const html = markdown.render(reportMarkdown(report(model)));
          expect(html.match(/<tbody>[^]*?<\/tbody>/)?.[0].match(/<td/g)).toHaveLength(5);
          expect(html.match(/<details>/g)).toHaveLength(1);
        },
      ),
    );
  });
});

describe('a report that must fit', () => {
  const many = (count: number) =>
    report(
      ...Array.from({ length: count }, (_, index) =>
        modelOf(`model-${String(index).padStart(3, '0')}`, index === 7 ? blocked : {}),
      ),
    );

  it.each([65_000, 30_000, 10_000, 3_000])(
    'is within %d characters, with whole folds and whole rows',
    (limit) => {
      for (const count of [1, 20, 300]) {
        const text = reportMarkdown(many(count), limit);
        expect(text.length).toBeLessThanOrEqual(limit);
        expect(text.match(/<details>/g)?.length ?? 0).toBe(text.match(/<\/details>/g)?.length ?? 0);
        for (const line of text.split('\n')) if (line.startsWith('|')) expect(line.endsWith('|')).toBe(true);
      }
    },
  );

  it('leaves out details from the end and says how many', () => {
    const text = reportMarkdown(many(60), 65_000);
    const shown = text.match(/<details>/g)?.length ?? 0;
    expect(shown).toBeGreaterThan(5);
    expect(text).toContain(`*The details of ${60 - shown} models had no room here; the [CI run]`);
    expect(text.match(/^\| <code>model-/gm)).toHaveLength(60);
    // The one that is blocked is the first.
    expect(text.slice(text.indexOf('<details>'))).toMatch(/^<details>\n<summary>❌ <code>model-007<\/code>/);
  });

  it('leaves out rows when even these are too many, the best first', () => {
    const text = reportMarkdown(many(600), 20_000);
    const rows = text.match(/^\| <code>model-/gm)?.length ?? 0;
    expect(rows).toBeGreaterThan(10);
    expect(text).toContain(`… and ${600 - rows} more models, none of them worse than these.`);
    expect(text).toContain('| <code>model-007</code> | ❌\u00A0blocked |');
  });

  it('leaves out nothing when there is room', () => {
    expect(reportMarkdown(many(60), 990_000)).toBe(reportMarkdown(many(60)));
  });
});

describe('overallSentence', () => {
  const notJudged: Pick<ModelReport, 'judgement'> = { judgement: { kind: 'not-judged', because: 'x' } };
  it.each([
    ['✅ The model passes its gates', [modelOf('a')]],
    ['✅ All 2 models pass', [modelOf('a'), modelOf('b')]],
    ['❌ 1 of 2 models does not pass its gates', [modelOf('a'), modelOf('b', blocked)]],
    ['❌ 2 of 2 models do not pass their gates', [modelOf('a', blocked), modelOf('b', blocked)]],
    ['❔ 1 of 2 models was not judged', [modelOf('a'), modelOf('b', notJudged)]],
    [
      '⚠️ No gate blocks; the model is undecided',
      [modelOf('a', judged(gateOf({ verdict: 'inconclusive', effect: 'warn' })))],
    ],
    [
      '⚠️ No gate blocks; the model has warnings',
      [modelOf('a', judged(gateOf({ verdict: 'fail', effect: 'warn' })))],
    ],
    ['➖ The model has no gates', [modelOf('a', judged())]],
  ])('is "%s"', (sentence, models) => {
    expect(overallSentence(models)).toBe(sentence);
  });

  it('of models of which some have no gates says so', () => {
    expect(overallSentence([modelOf('a'), modelOf('b', judged())])).toBe(
      '✅ 1 of 2 models pass, 1 without gates',
    );
  });
});

describe('noModelMarkdown', () => {
  it('says that the former report is of an earlier state', () => {
    expect(noModelMarkdown({ slot: 'shop', runUrl: 'https://ci.example/1' })).toBe(
      '## ➖ No model is affected any more · shop\n\nWhat this comment told of before was of an earlier state of the branch.\n\n[CI run](https://ci.example/1)\n',
    );
  });
});
