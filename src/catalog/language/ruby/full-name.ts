/** What a gem's full name (`nokogiri-1.15.4-x86_64-linux`) says. */
export interface FullName {
  readonly name: string;
  readonly version: string;
  /** Absent for gems of any platform. */
  readonly platform?: string;
}

/**
 * Splits the full name that a specification's file has, undefined when it holds no version.
 *
 * Names may hold hyphens and digits, and so may platforms (`arm64-darwin-22`): the version is the last part with a dot
 * in it, or else the last part that is a number. Source: RubyGems, Gem::Version::VERSION_PATTERN and
 * Gem::BasicSpecification#full_name.
 */
export function parseFullName(fullName: string): FullName | undefined {
  const parts = fullName.split('-');
  const dotted = parts.findLastIndex((part, index) => index > 0 && /^\d+(?:\.[0-9A-Za-z]+)+$/.test(part));
  const at = dotted > 0 ? dotted : parts.findLastIndex((part, index) => index > 0 && /^\d+$/.test(part));
  if (at < 1) return undefined;
  const platform = parts.slice(at + 1).join('-');
  return {
    name: parts.slice(0, at).join('-'),
    version: parts[at] as string,
    ...(platform !== '' && { platform }),
  };
}
