/** Controls, invisible format characters (bidirectional overrides, zero-width spaces, soft hyphens) and separators. */
const unprintable = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;
const everyUnprintable = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/**
 * A text from an image or advisory, safe to print on one line of a terminal: line ends and tabs become spaces, whatever
 * could move the cursor, change colours, reverse or hide text becomes U+FFFD, so that what is seen is what is there.
 */
export function cleanText(text: string): string {
  if (!unprintable.test(text)) return text;
  return text.replaceAll(/[\t\n\v\f\r\u0085\u2028\u2029]+/g, ' ').replaceAll(everyUnprintable, '\uFFFD');
}
