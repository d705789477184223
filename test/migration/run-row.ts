import assert from 'node:assert/strict';
import type { MigrationPlace } from './open-place.ts';
import type { MigrationRow, MigrationSection } from './parse-page.ts';

/** Makes the files that a section's rows name. */
export async function runBefore(place: MigrationPlace, { before }: MigrationSection): Promise<void> {
  for (const script of before) {
    const { status, output } = await place.run(`set -e\n${script}`);
    assert.equal(status, 0, output);
  }
}

/** Runs our line of a row, and asserts that it ends and says what the page promises. */
export async function runHere(place: MigrationPlace, { here, status, says }: MigrationRow): Promise<void> {
  const ended = status === undefined ? await place.runUntil(here, says[0] as string) : await place.run(here);
  // What runs until it is interrupted ends as shells count that.
  assert.equal(ended.status, status ?? 130, ended.output);
  for (const words of says) assert.ok(ended.output.includes(words), `"${words}" is not in: ${ended.output}`);
}

/** Runs the line of today of a row, and asserts that it ends as the page says. */
export async function runThere(place: MigrationPlace, { today, there }: MigrationRow): Promise<void> {
  const { status, output } = await place.run(today[0] as string);
  assert.equal(status, there, output);
}
