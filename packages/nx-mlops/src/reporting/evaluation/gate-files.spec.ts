import {
  evaluationSchema,
  gateReportSchema,
  modelManifestSchema,
  performanceSchema,
  profileSchema,
} from '@nx-mlops/core';
import { gateFiles } from './gate-files';
import { gatedModels } from './gated-model.fixture';

describe.each(Object.entries(gatedModels))('%s', (_, model) => {
  it('is judged on manifests that are ones', () => {
    const { evaluation, report, manifest, performance, profile } = model();
    evaluationSchema.parse(evaluation);
    gateReportSchema.parse(report);
    modelManifestSchema.parse(manifest);
    performanceSchema.optional().parse(performance);
    profileSchema.optional().parse(profile);
  });

  it('gives the same five files each time, none of which shows what is not there', async () => {
    const files = await gateFiles(model());
    expect([...files.keys()].sort()).toEqual([
      'MODEL_CARD.md',
      'junit.xml',
      'metrics.txt',
      'report.html',
      'report.md',
    ]);
    for (const [name, text] of files) {
      // JUnit names a metric that is not defined so.
      expect(text.replace(/value="undefined"/g, '')).not.toMatch(/\b(NaN|Infinity|undefined)\b|\[object /);
      expect([name, text.endsWith('\n')]).toEqual([name, true]);
    }
    expect(await gateFiles(structuredClone(model()))).toEqual(files);
  });
});
