/** Instructions whose words may be a JSON list (Dockerfile reference, "Shell and exec form"). */
const keywords: ReadonlySet<string> = new Set([
  'ADD',
  'CMD',
  'COPY',
  'ENTRYPOINT',
  'HEALTHCHECK',
  'RUN',
  'SHELL',
  'VOLUME',
]);

/** The texts of a JSON list; undefined where it is none: then it is read as words, as BuildKit does. */
export function readJsonForm(keyword: string, text: string): readonly string[] | undefined {
  if (!keywords.has(keyword)) return undefined;
  const list = (keyword === 'HEALTHCHECK' ? text.replace(/^\s*CMD\s/i, '') : text).trim();
  if (!list.startsWith('[')) return undefined;
  try {
    const value = JSON.parse(list) as unknown;
    return Array.isArray(value) && value.every((item) => typeof item === 'string') ? value : undefined;
  } catch {
    return undefined;
  }
}
