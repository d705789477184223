import { spdxExceptionId, spdxLicenseId } from './license-ids.ts';

/** A licence statement that follows the grammar of SPDX expressions and uses known ids only. */
export interface LicenseExpression {
  /** Ids in the list's spelling, single spaces. */
  readonly text: string;
  /** `id`: one plain id of the list. `single`: needs no parentheses beside `AND`. `compound`: joined by AND or OR. */
  readonly kind: 'id' | 'single' | 'compound';
  /** The `LicenseRef-…` ids it names, which a document must explain. */
  readonly references: readonly string[];
}

/** Longer statements are whole licence texts, not expressions. */
const maxLength = 4096;
const maxDepth = 32;

interface Cursor {
  readonly tokens: readonly string[];
  readonly references: string[];
  at: number;
}

/**
 * Reads an SPDX licence expression (SPDX 2.3, annex D); undefined for anything else: names, ids that are not on the
 * list, references into other documents.
 */
export function parseLicenseExpression(statement: string): LicenseExpression | undefined {
  if (statement.length > maxLength) return undefined;
  const tokens = statement.match(/[()]|[^\s()]+/g) ?? [];
  const cursor: Cursor = { tokens, references: [], at: 0 };
  const text = parseJoined(cursor, 0);
  if (text === undefined || cursor.at < tokens.length) return undefined;
  const compound = tokens.some((token) => token === 'AND' || token === 'OR');
  const plain = spdxLicenseId(text) === text ? 'id' : 'single';
  return { text, kind: compound ? 'compound' : plain, references: cursor.references };
}

/** `AND` binds tighter than `OR`, which a text keeps by keeping its parentheses: nothing has to be evaluated. */
function parseJoined(cursor: Cursor, depth: number): string | undefined {
  let text = parseTerm(cursor, depth);
  while (text !== undefined && (cursor.tokens[cursor.at] === 'AND' || cursor.tokens[cursor.at] === 'OR')) {
    const operator = cursor.tokens[cursor.at] as string;
    cursor.at += 1;
    const next = parseTerm(cursor, depth);
    text = next === undefined ? undefined : `${text} ${operator} ${next}`;
  }
  return text;
}

function parseTerm(cursor: Cursor, depth: number): string | undefined {
  const token = cursor.tokens[cursor.at];
  if (token === undefined || depth > maxDepth) return undefined;
  cursor.at += 1;
  if (token === '(') {
    const inner = parseJoined(cursor, depth + 1);
    if (inner === undefined || cursor.tokens[cursor.at] !== ')') return undefined;
    cursor.at += 1;
    return `(${inner})`;
  }
  if (/^LicenseRef-[A-Za-z0-9.-]+$/.test(token)) {
    cursor.references.push(token);
    return token;
  }
  const license = licenseOf(token);
  if (license === undefined || cursor.tokens[cursor.at] !== 'WITH') return license;
  const exception = spdxExceptionId(cursor.tokens[cursor.at + 1] ?? '');
  cursor.at += 2;
  return exception === undefined ? undefined : `${license} WITH ${exception}`;
}

function licenseOf(token: string): string | undefined {
  const id = spdxLicenseId(token);
  if (id !== undefined || !token.endsWith('+')) return id;
  const base = spdxLicenseId(token.slice(0, -1));
  return base === undefined ? undefined : `${base}+`;
}
