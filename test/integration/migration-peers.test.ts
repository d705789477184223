import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { findProgram, needsProgram } from '../../testing/registry/find-program.ts';
import { needsCosign } from '../../testing/cosign.ts';
import { openMigrationPlace } from '../migration/open-place.ts';
import { type MigrationRow, parseMigrationPage } from '../migration/parse-page.ts';
import { runBefore, runHere, runThere } from '../migration/run-row.ts';

const root = join(import.meta.dirname, '..', '..');
const sections = parseMigrationPage(readFileSync(join(root, 'docs', 'from-trivy-cosign-kyverno.md'), 'utf8'));

/** Verbs of cosign that only look; all others write something that these find. */
const looking = /^cosign (?:verify|download|tree|triangulate|public-key)/;

/** Which of the two programs run what. */
interface Roles {
  readonly writer: 'here' | 'there';
  readonly reader: 'here' | 'there';
}

const roles: readonly Roles[] = [
  { writer: 'there', reader: 'there' },
  { writer: 'there', reader: 'here' },
  { writer: 'here', reader: 'there' },
];

/** Folders of the peers that are here. */
function folders(...names: readonly string[]): string[] {
  return names.map(findProgram).flatMap((path) => (path === undefined ? [] : [dirname(path)]));
}

const isOf =
  (program: string) =>
  ({ today }: MigrationRow): boolean =>
    today[0]?.startsWith(`${program} `) === true;

for (const section of sections.filter(({ rows }) => rows.every(isOf('cosign')))) {
  for (const { writer, reader } of roles) {
    const who = (role: 'here' | 'there'): string => (role === 'here' ? 'seaworthy' : 'cosign 3');
    test(`"${section.heading}": ${who(reader)} reads what ${who(writer)} writes`, needsCosign(3), async () => {
      await using place = await openMigrationPlace(folders('cosign'));
      await runBefore(place, section);
      for (const row of section.rows) {
        const today = row.today[0] as string;
        // Each keeps whom it trusts in a place of its own.
        if (today.startsWith('cosign initialize ')) {
          await runThere(place, row);
          await runHere(place, row);
          continue;
        }
        const role = looking.test(today) ? reader : writer;
        await (role === 'here' ? runHere : runThere)(place, row);
      }
    });
  }
}

for (const program of ['crane', 'skopeo', 'oras']) {
  const rows = sections.flatMap((section) => section.rows.filter(isOf(program)));
  const copies = rows.filter(({ here }) => /^seaworthy (?:copy|save) /.test(here));

  test(`${program} copies what ours copies, to the same digest`, needsProgram(program), async () => {
    assert.ok(copies.length > 0);
    await using place = await openMigrationPlace(folders(program));
    for (const row of copies) {
      await runThere(place, row);
      // Ours moves no tag, so that it is content with what theirs wrote only when that is the same.
      await runHere(place, row);
    }
  });

  test(`${program} reads what ours copied`, needsProgram(program), async () => {
    await using place = await openMigrationPlace(folders(program));
    for (const row of copies) {
      await runHere(place, row);
      await runThere(place, row);
    }
  });
}

test('notation verifies what ours verifies', needsProgram('notation'), async () => {
  const rows = sections.flatMap((section) => section.rows.filter(isOf('notation')));
  assert.ok(rows.length > 0);
  await using place = await openMigrationPlace(folders('notation'));
  for (const row of rows) {
    await runThere(place, row);
    await runHere(place, row);
  }
});
