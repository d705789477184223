/** A text as a basic string of TOML 1.0 (TOML, "String"). */
export function tomlText(text: string): string {
  const escaped = text.replaceAll(/[\\"]/g, '\\$&').replaceAll(/[\0-\x1F\x7F]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
  return `"${escaped}"`;
}

/** Texts as an array of TOML. */
export function tomlTexts(texts: readonly string[]): string {
  return `[${texts.map(tomlText).join(', ')}]`;
}
