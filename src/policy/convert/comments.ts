/** The lines of comments before a document's first value, without their marks: who wrote it, and why. */
export function leadingComments(text: string): readonly string[] {
  const found: string[] = [];
  for (const line of text.split('\n')) {
    const [, comment] = /^\s*#\s?(.*)$/.exec(line) ?? [];
    if (comment !== undefined) found.push(comment.trimEnd());
    else if (!/^\s*(?:---.*)?$/.test(line)) break;
  }
  return found;
}
