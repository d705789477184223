import { parsePackageUrl, type PackageUrl } from '../../package/package-url.ts';
import { errorMessage } from '../../base/error.ts';
import { compileGlob, type PathGlob } from '../../base/glob.ts';
import { printable } from '../../base/printable.ts';
import { IgnoreError, type IgnoreErrorCode } from './error.ts';
import { parseExpiry } from '../../base/expiry.ts';
import { ignoreLimits } from './limits.ts';
import type { IgnoreRule, IgnoreRules, IgnoreScope, IgnoreWarning } from './rules.ts';
import { parseYamlNodes, type YamlEntry, type YamlNode } from './yaml-nodes.ts';

const sections: ReadonlyMap<string, IgnoreScope> = new Map([
  ['vulnerabilities', 'vulnerability'],
  ['misconfigurations', 'misconfiguration'],
  ['secrets', 'secret'],
  ['licenses', 'license'],
]);

const itemKeys: ReadonlySet<string> = new Set(['id', 'paths', 'purls', 'expired_at', 'statement']);

/**
 * Reads the `.trivyignore.yaml` format (Trivy documentation, "Filtering", ".trivyignore.yaml"; aquasecurity/trivy,
 * pkg/result/ignore.go, `IgnoreConfig`): lists under `vulnerabilities`, `misconfigurations`, `secrets` and `licenses`, whose
 * items have an `id` and may have `paths`, `purls`, `expired_at` and `statement`.
 *
 * Unknown keys and items without an id are left out with a warning; a value that would change what a rule covers (a
 * malformed date, path or purl) makes the file unusable, as in Trivy.
 *
 * @param source the file's name, for errors and reports
 * @throws IgnoreError
 */
export async function parseTrivyIgnoreYaml(text: string, source = '.trivyignore.yaml'): Promise<IgnoreRules> {
  if (text.length > ignoreLimits.characters) {
    throw new IgnoreError(
      'IGNORE_TOO_LARGE',
      `${source} is larger than ${ignoreLimits.characters} characters; split it up or remove old rules`,
    );
  }
  const root = await parseYamlNodes(text, source);
  return new Reader(source).read(root);
}

/** Carries what is counted and collected over one file. */
class Reader {
  readonly #source: string;
  readonly #rules: IgnoreRule[] = [];
  readonly #warnings: IgnoreWarning[] = [];
  readonly #globs = new Map<string, PathGlob>();
  #globCharacters = 0;
  #patterns = 0;

  constructor(source: string) {
    this.#source = source;
  }

  read(root: YamlNode | undefined): IgnoreRules {
    for (const [key, { line, value }] of root === undefined ? [] : this.#mapping(root, 'The file')) {
      const scope = sections.get(key);
      if (scope === undefined) this.#warnKey(key, line, [...sections.keys()]);
      else for (const item of this.#sequence(value, key)) this.#readItem(item, scope);
    }
    return { source: this.#source, rules: this.#rules, warnings: this.#warnings };
  }

  #readItem(item: YamlNode, scope: IgnoreScope): void {
    const fields = this.#mapping(item, 'A rule');
    for (const [key, { line }] of fields) if (!itemKeys.has(key)) this.#warnKey(key, line, [...itemKeys]);
    const id = this.#text(fields.get('id'), 'id');
    if (id === undefined || id === '' || id.length > ignoreLimits.idLength) {
      const message = `A rule is left out: give it an id of 1 to ${ignoreLimits.idLength} characters.`;
      this.#warn({ code: 'IGNORE_ID_INVALID', line: item.line, message });
      return;
    }
    if (this.#rules.length === ignoreLimits.rules) {
      throw new IgnoreError(
        'IGNORE_TOO_MANY_RULES',
        `${this.#source} has more than ${ignoreLimits.rules} rules; remove old ones`,
      );
    }
    const expiresAt = this.#expiry(fields.get('expired_at'));
    const statement = this.#text(fields.get('statement'), 'statement');
    this.#rules.push({
      scope,
      id,
      paths: this.#texts(fields.get('paths'), 'paths').map(({ text, line }) => this.#glob(text, line)),
      purls: this.#texts(fields.get('purls'), 'purls').map(({ text, line }) => this.#purl(text, line)),
      ...(expiresAt !== undefined && { expiresAt }),
      ...(statement !== undefined && { statement }),
      line: item.line,
    });
  }

  #expiry(entry: YamlEntry | undefined): number | undefined {
    const text = this.#text(entry, 'expired_at');
    if (entry === undefined || text === undefined) return undefined;
    const time = parseExpiry(text);
    if (time === undefined)
      throw this.#error('IGNORE_DATE_INVALID', entry.line, `Write expired_at as YYYY-MM-DD, not "${printable(text)}"`);
    return time;
  }

  #glob(pattern: string, line: number): PathGlob {
    let glob = this.#globs.get(pattern);
    if (glob !== undefined) return glob;
    try {
      glob = compileGlob(pattern);
    } catch (error) {
      throw this.#error('IGNORE_PATH_INVALID', line, errorMessage(error), error);
    }
    this.#globs.set(pattern, glob);
    this.#globCharacters += glob.size;
    if (this.#globCharacters > ignoreLimits.patternCharacters) {
      throw this.#error(
        'IGNORE_TOO_MANY_RULES',
        line,
        `Keep all paths together within ${ignoreLimits.patternCharacters} characters`,
      );
    }
    return glob;
  }

  #purl(text: string, line: number): PackageUrl {
    try {
      return parsePackageUrl(text);
    } catch (error) {
      throw this.#error('IGNORE_PURL_INVALID', line, errorMessage(error), error);
    }
  }

  #mapping(node: YamlNode, what: string): ReadonlyMap<string, YamlEntry> {
    if (node.kind === 'mapping') return node.entries;
    // An empty list item and an empty document say nothing, as in Trivy.
    if (node.kind === 'scalar' && node.text === undefined) return new Map();
    throw this.#error('IGNORE_YAML_SHAPE', node.line, `${what} is written as keys with values`);
  }

  #sequence(node: YamlNode, key: string): readonly YamlNode[] {
    if (node.kind === 'sequence') return node.items;
    if (node.kind === 'scalar' && node.text === undefined) return [];
    throw this.#error('IGNORE_YAML_SHAPE', node.line, `Write ${key} as a list`);
  }

  #text(entry: YamlEntry | undefined, key: string): string | undefined {
    if (entry === undefined) return undefined;
    if (entry.value.kind === 'scalar') return entry.value.text;
    throw this.#error('IGNORE_YAML_SHAPE', entry.line, `Write ${key} as a text`);
  }

  #texts(entry: YamlEntry | undefined, key: string): { readonly text: string; readonly line: number }[] {
    if (entry === undefined) return [];
    const items = this.#sequence(entry.value, key);
    this.#patterns += items.length;
    if (this.#patterns > ignoreLimits.patterns) {
      throw this.#error(
        'IGNORE_TOO_MANY_RULES',
        entry.line,
        `Keep all paths and purls together within ${ignoreLimits.patterns}`,
      );
    }
    return items.map((item) => {
      if (item.kind === 'scalar' && item.text !== undefined) return { text: item.text, line: item.line };
      throw this.#error('IGNORE_YAML_SHAPE', item.line, `Write each of ${key} as a text`);
    });
  }

  #warnKey(key: string, line: number, known: readonly string[]): void {
    const message = `"${printable(key)}" is no key of this format and is left out: use ${known.join(', ')}.`;
    this.#warn({ code: 'IGNORE_KEY_UNKNOWN', line, message });
  }

  #warn(warning: IgnoreWarning): void {
    if (this.#warnings.length < ignoreLimits.warnings) this.#warnings.push(warning);
  }

  #error(code: IgnoreErrorCode, line: number, sentence: string, cause?: unknown): IgnoreError {
    return new IgnoreError(code, `${this.#source}:${line}: ${sentence}`, { cause });
  }
}
