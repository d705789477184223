/**
 * Text that Markdown shows as it is, on one line of a table: markup, HTML and table bars are escaped (CommonMark 0.31
 * §2.4).
 */
export function markdownText(text: string): string {
  return text.replaceAll(/\s+/g, ' ').replaceAll(/[\\`*_{}[\]<>()#+!|~&]/g, String.raw`\$&`);
}
