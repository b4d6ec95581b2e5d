import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';

/**
 * Builds the program once for the whole run, as a user would, and removes it afterwards. PARLEY_PAGE_BINARY names one
 * that is to be tested instead.
 */
export default function build(): () => void {
  if (process.env.PARLEY_PAGE_BINARY) return () => {};
  const folder = mkdtempSync(join(tmpdir(), 'parley-page-'));
  const binary = join(folder, 'parley');
  const repository = join(import.meta.dirname, '..', '..');
  execFileSync('go', ['build', '-o', binary, './cmd/parley'], {
    cwd: repository,
    stdio: 'pipe' /* so that the error says what the compiler said */,
  });
  process.env.PARLEY_PAGE_BINARY = binary;
  return () => rmSync(folder, { recursive: true, force: true });
}
