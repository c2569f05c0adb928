/** Adds up tmp/test-results/*.json and prints "N passed, N failed, N skipped"; exits 1 when one failed or none ran. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repository } from './workspace/tarballs.mjs';

const folder = join(repository, 'tmp/test-results');
const files = existsSync(folder)
  ? readdirSync(folder, { recursive: true }).filter((file) => file.endsWith('.json'))
  : [];
const total = { passed: 0, failed: 0, skipped: 0 };
for (const file of files) {
  const tally = JSON.parse(readFileSync(join(folder, file), 'utf8'));
  for (const key of Object.keys(total)) total[key] += tally[key] ?? 0;
}
console.log(
  `${total.passed} passed, ${total.failed} failed${total.skipped > 0 ? `, ${total.skipped} skipped` : ''}`,
);
process.exitCode = total.failed > 0 || total.passed === 0 ? 1 : 0;
