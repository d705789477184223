/** C0 and C1 controls but tab and line feed, and DEL. */
const controls = /[\0-\x08\x0B-\x1F\x7F-\x9F]/g;

/**
 * A text from an image or advisory, fit for every reader of JSON: lone surrogates and control characters become U+FFFD. Many
 * readers store texts as UTF-8, and some databases take no NUL.
 */
export function sarifText(text: string): string {
  return text.toWellFormed().replaceAll('\r\n', '\n').replaceAll(controls, '\uFFFD');
}

/** As `sarifText`, where brackets would be read as a link and braces as a placeholder (§3.11.5, §3.11.6). */
export function sarifMessageText(text: string): string {
  return sarifText(text)
    .replaceAll(/[[\]\\]/g, String.raw`\$&`)
    .replaceAll(/[{}]/g, '$&$&');
}

/** At most so many code units; what is cut off shows as an ellipsis. */
export function clipText(text: string, length: number): string {
  return text.length <= length
    ? text
    : `${text
        .slice(0, length - 1)
        .toWellFormed()
        .replace(/\uFFFD$/, '')}…`;
}

/** True for a web address that is fit to be a link: absolute, and without anything that would end or change it. */
export function isWebAddress(text: string): boolean {
  return (
    /^https?:\/\/[^\s<>"\\^`{|}\0-\x1F]+$/.test(text) &&
    !/%(?![0-9A-Fa-f]{2})/.test(text) &&
    /^[\x21-\x7E]+$/.test(text) &&
    URL.canParse(text)
  );
}
