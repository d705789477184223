/** A text as roff prints it: nothing of it is a request, and dashes can be copied into a shell. */
export function plain(text: string): string {
  const escaped = text.replaceAll('\\', String.raw`\e`).replaceAll('-', String.raw`\-`);
  const quiet = escaped.replaceAll(/^([.'])/gm, String.raw`\&$1`);
  // Not every formatter reads UTF-8; these names of characters all of them know.
  return quiet.replaceAll(/[^\0-\x7F]/gu, (sign) => {
    const code = sign.codePointAt(0)?.toString(16).toUpperCase().padStart(4, '0');
    return String.raw`\[u${code ?? ''}]`;
  });
}

/** The same in bold. */
export function bold(text: string): string {
  return String.raw`\fB${plain(text)}\fR`;
}

/** The same in italics: what the user puts something else in place of. */
export function italic(text: string): string {
  return String.raw`\fI${plain(text)}\fR`;
}

/** A line of Markdown: code is bold, and of links their text is left. */
export function inline(markdown: string): string {
  const parts = markdown.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1').split(/(`[^`]+`)/);
  return parts
    .map((part) =>
      part.startsWith('`') && part.length > 1 ? bold(part.slice(1, -1)) : plain(part.replaceAll('**', '')),
    )
    .join('');
}

/** A section with a heading. Nothing when it is empty. */
export function section(heading: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [`.SH ${heading}`, ...lines];
}

/** A term, and beside it what it is. Both are roff already. */
export function item(term: string, text: string): readonly string[] {
  return ['.TP', term, text === '' ? String.raw`\&` : text];
}
