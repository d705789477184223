import { readTexts } from './literal.ts';

/** What the statements of a gem specification say, as far as they are plain literals. */
export interface GemStatements {
  readonly name?: string;
  readonly version?: string;
  readonly platform?: string;
  readonly licenses: readonly string[];
  /** Names of the gems needed to run. */
  readonly dependencies: readonly string[];
}

/** Most statements that are looked at; generated specifications of large applications have some hundreds. */
const maxStatements = 2_000;

const statement =
  /^[ \t]{0,100}(?:if [^\n;]{0,200}? then )?([A-Za-z_]\w{0,60})\.(?:(name|version|platform|licenses?)[ \t]{0,20}=(?![=~])|add_(?:runtime_|(development_))?dependency\b[ \t]{0,20}\(?)/gm;

/**
 * Reads the assignments and dependency calls of `source`, the text of a `.gemspec`, on the variable that
 * `Gem::Specification.new` hands to its block. The first assignment that can be read counts; the parts of a platform (`["x86_64", "linux"]`) are joined.
 */
export function readStatements(source: string): GemStatements {
  const variable = /Gem::Specification\.new\b[^\n|]{0,300}\|[ \t]{0,20}([A-Za-z_]\w{0,60})[ \t]{0,20}\|/.exec(
    source,
  )?.[1];
  const values = new Map<string, string>();
  const licenses: string[] = [];
  const dependencies = new Set<string>();
  const developmentOnly = new Set<string>();
  const interpolate = (expression: string): string | undefined =>
    expression.startsWith(`${variable}.`) ? values.get(expression.slice(`${variable}.`.length)) : undefined;
  let seen = 0;
  for (const match of source.matchAll(statement)) {
    seen += 1;
    if (seen > maxStatements) break;
    const [whole, receiver, attribute, development] = match;
    if (receiver !== variable) continue;
    const texts = readTexts(source, match.index + whole.length, interpolate);
    if (texts === undefined) continue;
    if (attribute === undefined) (development === undefined ? dependencies : developmentOnly).add(texts[0] ?? '');
    else if (attribute.startsWith('license')) licenses.push(...texts);
    else if (!values.has(attribute) && texts.length > 0) values.set(attribute, texts.join('-'));
  }
  return {
    ...pick(values, 'name'),
    ...pick(values, 'version'),
    ...pick(values, 'platform'),
    licenses,
    // Older RubyGems repeat everything as plain dependencies, for versions that knew no kinds.
    dependencies: [...dependencies].filter((name) => !developmentOnly.has(name)),
  };
}

function pick<Key extends string>(values: ReadonlyMap<string, string>, key: Key): Partial<Record<Key, string>> {
  const value = values.get(key);
  return value === undefined ? {} : ({ [key]: value } as Record<Key, string>);
}
