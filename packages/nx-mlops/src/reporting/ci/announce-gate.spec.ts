import { binaryFailed, binaryPassed, gate, reportOf } from '../evaluation/gated-model.fixture';
import { announceGate, type Announcement } from './announce-gate';
import { annotation } from './workflow-command';

function listener(overrides: Partial<Announcement> = {}) {
  const lines: string[] = [];
  const appended: [string, string][] = [];
  const announcement: Announcement = {
    env: { GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: '/summary.md' },
    print: (line) => lines.push(line),
    appendFile: (file, text) => {
      appended.push([file, text]);
      return Promise.resolve();
    },
    ...overrides,
  };
  return { announcement, lines, appended };
}

it('escapes as the toolkit of GitHub does', () => {
  expect(annotation('error', 'a: b, 5%\n', 'c: d, 5%\r\nend')).toBe(
    '::error title=a%3A b%2C 5%25%0A::c: d, 5%25%0D%0Aend',
  );
});

it('says nothing outside of GitHub Actions', async () => {
  const { announcement, lines, appended } = listener({ env: { GITHUB_STEP_SUMMARY: '/summary.md' } });
  await announceGate(binaryFailed().report, announcement);
  expect([lines, appended]).toEqual([[], []]);
});

it('makes an annotation of each gate that does not hold, by its effect', async () => {
  const { announcement, lines } = listener();
  await announceGate(binaryFailed().report, announcement);
  expect(lines.map((line) => line.slice(0, 60))).toEqual([
    '::error title=flight-delay%3A roc-auc versus production::fai',
    '::error title=flight-delay%3A roc-auc >= 0.66 on origin=EWR:',
    '::warning title=flight-delay%3A log-loss versus production::',
    '::notice title=flight-delay%3A latency-p95 <= 0.05::failed (',
  ]);
  const passed = listener();
  await announceGate(binaryPassed().report, passed.announcement);
  expect(passed.lines).toEqual([]);
});

it('leaves no annotation out unsaid, of which GitHub shows ten', async () => {
  const { announcement, lines } = listener();
  const gates = Array.from({ length: 14 }, (_, index) =>
    gate({ name: `gate ${index}`, verdict: 'fail', effect: 'block' }),
  );
  await announceGate(reportOf(binaryFailed().evaluation, gates), announcement);
  expect(lines).toHaveLength(10);
  expect(lines[9]).toBe('::error title=flight-delay::5 more gates that did not hold: see the report.');
});

it('appends the gates to the summary of the job, or the report where it is given', async () => {
  const { announcement, appended } = listener();
  await announceGate(binaryFailed().report, announcement);
  expect(appended[0]?.[0]).toBe('/summary.md');
  expect(appended[0]?.[1]).toMatch(/^## ❌ flight-delay: gates failed\n/);
  expect(appended[0]?.[1]).toContain('| ❌ failed | roc-auc versus production |');
  const whole = listener({ markdown: '# the report' });
  await announceGate(binaryFailed().report, whole.announcement);
  expect(whole.appended[0]?.[1]).toBe('# the report\n');
});

it('keeps within the mebibyte that a step may write, with what is there already, and says that it cut', async () => {
  const markdown = `${'ä'.repeat(50)}\n`.repeat(20_000);
  const { announcement, appended } = listener({ markdown, fileSize: () => Promise.resolve(500_000) });
  await announceGate(binaryFailed().report, announcement);
  const text = appended[0]?.[1] ?? '';
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(1024 * 1024 - 500_000);
  expect(Buffer.byteLength(text)).toBeGreaterThan(1024 * 1024 - 500_000 - 300);
  expect(text).toMatch(/^ä+$/m);
  expect(text).not.toContain('\uFFFD');
  expect(text).toMatch(/The rest is left out/);
  const full = listener({ markdown, fileSize: () => Promise.resolve(1024 * 1024) });
  await announceGate(binaryFailed().report, full.announcement);
  expect(full.appended).toEqual([]);
});

it('does not fail where the summary cannot be written', async () => {
  const { announcement, lines } = listener({
    appendFile: () => Promise.reject(new Error('ENOENT: no such file')),
    fileSize: () => Promise.reject(new Error('ENOENT')),
  });
  await announceGate(binaryPassed().report, announcement);
  expect(lines).toEqual(['The job summary was not written: ENOENT: no such file']);
  const without = listener({ env: { GITHUB_ACTIONS: 'true' } });
  await announceGate(binaryPassed().report, without.announcement);
  expect([without.lines, without.appended]).toEqual([[], []]);
});
