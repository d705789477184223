import { dump } from 'js-yaml';

/** Documents as YAML, each with lines of a comment above it. */
export function yamlText(documents: readonly { readonly comment?: string; readonly value: unknown }[]): string {
  const texts = documents.map(({ comment, value }) => {
    const above =
      comment === undefined
        ? ''
        : comment
            .split('\n')
            .map((line) => `# ${line}\n`)
            .join('');
    return above + dump(value, { lineWidth: -1, noRefs: true });
  });
  return texts.join('---\n');
}
