import { inflateSync } from 'node:zlib';
import { CatalogError } from '../../error.ts';
import { elements, member, parseJsonObject } from '../../document/json.ts';
import { auditLimits } from './limits.ts';

/** A crate of the list (cargo-auditable: `PARSING.md` and `cargo-auditable.schema.json`). */
export interface AuditedCrate {
  readonly name: unknown;
  readonly version: unknown;
  /** False for what only ran while the program was built. */
  readonly runtime: boolean;
  /** Indices of the crates that it needs. */
  readonly dependencies: readonly number[];
}

/**
 * Decodes the contents of a `.dep-v0` section: zlib, then JSON.
 *
 * @throws CatalogError MALFORMED when it is not that, an index names no crate, crates need each other in a circle or
 * several claim to be the program itself; LIMIT_EXCEEDED
 */
export function parseAuditData(section: Buffer): readonly AuditedCrate[] {
  const list = elements(member(parseJsonObject(unpack(section)), 'packages'));
  if (list.length > auditLimits.crates) {
    throw new CatalogError('LIMIT_EXCEEDED', 'The list of crates is larger than any real one; skip the file');
  }
  const crates = list.map((each) => toCrate(each, list.length));
  if (list.filter((each) => member(each, 'root') === true).length > 1) throw malformed();
  checkCircles(crates);
  return crates;
}

function unpack(section: Buffer): Buffer {
  try {
    // Sections may be padded; what follows the end of the stream is not looked at.
    return inflateSync(section, { maxOutputLength: auditLimits.list });
  } catch (cause) {
    if (cause instanceof RangeError) {
      throw new CatalogError('LIMIT_EXCEEDED', 'The list of crates unpacks to more than 8 MiB; skip the file', {
        cause,
      });
    }
    throw malformed(cause);
  }
}

function toCrate(value: unknown, count: number): AuditedCrate {
  const dependencies = elements(member(value, 'dependencies')).map((index) => {
    if (typeof index !== 'number' || !Number.isInteger(index) || index < 0 || index >= count) throw malformed();
    return index;
  });
  // Left out, the kind is `runtime`.
  const kind = member(value, 'kind') ?? 'runtime';
  return { name: member(value, 'name'), version: member(value, 'version'), runtime: kind === 'runtime', dependencies };
}

/** Walks the graph depth first without recursion; each edge is followed once. */
function checkCircles(crates: readonly AuditedCrate[]): void {
  const open = 1;
  const done = 2;
  const states = new Uint8Array(crates.length);
  const nextEdge = new Uint32Array(crates.length);
  for (let root = 0; root < crates.length; root++) {
    if (states[root] === done) continue;
    const path = [root];
    states[root] = open;
    while (path.length > 0) {
      const current = path.at(-1) as number;
      const edge = nextEdge[current] as number;
      const target = crates[current]?.dependencies[edge];
      if (target === undefined) {
        states[current] = done;
        path.pop();
        continue;
      }
      nextEdge[current] = edge + 1;
      if (states[target] === open) throw malformed();
      if (states[target] === done) continue;
      states[target] = open;
      path.push(target);
    }
  }
}

function malformed(cause?: unknown): CatalogError {
  return new CatalogError(
    'MALFORMED',
    'The list of crates in the program breaks its format; rebuild the program or look at it by hand',
    { cause },
  );
}
