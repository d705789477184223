import { cleanText } from '../../report/text/clean-text.ts';
import { displayWidth, splitGraphemes } from '../../report/text/display-width.ts';
import type { PlacedAttachment } from '../../signing/cosign/find-all.ts';
import { envelopeMediaType, simpleSigningMediaType } from '../../signing/cosign/media-types.ts';
import { formatBytes } from '../terminal/format-bytes.ts';

/**
 * Draws what is attached to an image: kind and form, what it says it is, and its digest.
 *
 * @param width in cells; longer lines go on below
 */
export function treeText(
  name: string,
  digest: string,
  attachments: readonly PlacedAttachment[],
  width: number,
): string {
  const lines = [...fold(name, '', width), digest];
  const bySubject = Map.groupBy(attachments, ({ subject }): string => subject);
  // A manifest may stand at several subjects, so each is drawn where it hangs; a chain ends where it would come back.
  const draw = (subject: string, indent: string, above: ReadonlySet<string>): void => {
    const children = bySubject.get(subject) ?? [];
    for (const [at, child] of children.entries()) {
      const last = at === children.length - 1;
      const below = `${indent}${last ? '   ' : '│  '}`;
      const [first = '', ...rest] = fold(describe(child), below, width);
      lines.push(`${indent}${last ? '└─ ' : '├─ '}${first.slice(below.length)}`, ...rest);
      lines.push(`${below}${child.descriptor.digest}`);
      const next = child.descriptor.digest;
      if (!above.has(next)) draw(next, below, new Set([...above, next]));
    }
  };
  draw(digest, '', new Set([digest]));
  if (attachments.length === 0) lines.push('└─ nothing is attached');
  return `${lines.join('\n')}\n`;
}

function describe({ kind, form, tag, manifest, predicateType, artifactType }: PlacedAttachment): string {
  const layers = manifest.kind === 'manifest' ? manifest.layers : [];
  const size = formatBytes(layers.reduce((sum, layer) => sum + layer.size, 0));
  if (tag === undefined) return `${kind} (${form}, ${size}) ${predicateType ?? artifactType ?? manifest.mediaType}`;
  // The tag repeats the image's digest, which is read a line above.
  const place = tag.replace(/sha\d{3}-[0-9a-f]+(?=\.\w+$)/, '…');
  const types = [...new Set(layers.map(({ annotations, mediaType }) => annotations?.['predicateType'] ?? mediaType))]
    // What the tag says already.
    .filter((type) => type !== simpleSigningMediaType && type !== envelopeMediaType)
    .join(', ');
  return `${kind} (tag ${place}, ${layers.length === 1 ? '1 layer' : `${layers.length} layers`}, ${size}) ${types}`.trimEnd();
}

/** Breaks a text where the width ends, so that nothing of it is lost. */
function fold(text: string, indent: string, width: number): string[] {
  const room = Math.max(20, width - indent.length);
  const lines = [''];
  let used = 0;
  for (const grapheme of splitGraphemes(cleanText(text))) {
    const cells = displayWidth(grapheme);
    if (used + cells > room) {
      lines.push('');
      used = 0;
    }
    lines[lines.length - 1] += grapheme;
    used += cells;
  }
  return lines.map((line) => `${indent}${line}`);
}
