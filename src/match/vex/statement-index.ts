import type { VexStatement } from '../../finding/vex.ts';
import type { VulnerabilityFinding } from '../../finding/vulnerability.ts';
import type { VexDocument } from './document.ts';

/** The statements of all documents together, by the flaws that they are about. */
export interface StatementIndex {
  /** What is said of a finding's flaw in whatever product, the statement that counts first before all others. */
  about(finding: Pick<VulnerabilityFinding, 'id' | 'aliases' | 'vendorIds'>): readonly VexStatement[];
}

interface Ranked {
  readonly statement: VexStatement;
  readonly rank: number;
}

/**
 * Makes the index. The latest statement counts (openvex/spec, "The VEX Statement": each overrides what was said before); of those of one time, and
 * of those whose time nobody tells, the one that stands last, in the document named last. Who tells no time is taken to have spoken first.
 */
export function indexStatements(documents: readonly VexDocument[]): StatementIndex {
  const ordered = documents
    .flatMap(({ statements }) => statements)
    .reverse()
    .sort((a, b) => (b.at ?? -Infinity) - (a.at ?? -Infinity) || 0);
  const byId = new Map<string, Ranked[]>();
  const byAlias = new Map<string, Ranked[]>();
  for (const [rank, statement] of ordered.entries()) {
    put(byId, statement.id, { statement, rank });
    for (const alias of statement.aliases) put(byAlias, alias, { statement, rank });
  }
  return {
    about({ id, aliases, vendorIds }) {
      const found = new Map<VexStatement, number>();
      const take = (ranked: readonly Ranked[] | undefined): void => {
        for (const { statement, rank } of ranked ?? []) found.set(statement, rank);
      };
      for (const name of [id, ...aliases]) {
        take(byId.get(fold(name)));
        take(byAlias.get(fold(name)));
      }
      // A vendor's advisory is about several flaws: what is said of it is said of each, while as another name of one flaw it
      // is none of the others.
      for (const name of vendorIds) take(byId.get(fold(name)));
      return [...found].sort(([, a], [, b]) => a - b).map(([statement]) => statement);
    },
  };
}

function put(index: Map<string, Ranked[]>, name: string, ranked: Ranked): void {
  const key = fold(name);
  const known = index.get(key);
  if (known === undefined) index.set(key, [ranked]);
  else known.push(ranked);
}

/** Databases differ in how they write the letters of their ids. */
function fold(id: string): string {
  return id.toUpperCase();
}
