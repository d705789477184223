import type { ConfigPath } from '../../../codec/yaml/mistake.ts';
import type { CosignAttestor, ImageAttestor, TextOrExpression } from '../document/image-validating-policy/model.ts';

/** An expression that gives a text of an attestor. */
export interface AttestorExpression {
  /** Below the attestor. */
  readonly path: ConfigPath;
  readonly expression: string;
}

const places = [
  ['cosign', 'certificate', 'cert'],
  ['cosign', 'certificate', 'certChain'],
  ['notary', 'certs'],
  ['notary', 'tsaCerts'],
] as const;

/** The expressions of an attestor, in the order in which {@link withTexts} takes what they give. */
export function expressionsOf(attestor: ImageAttestor): readonly AttestorExpression[] {
  const key = attestor.cosign?.key?.expression;
  return [
    ...(key === undefined ? [] : [{ path: ['cosign', 'key', 'expression'], expression: key }]),
    ...places.flatMap((place) => {
      const expression = at(attestor, place)?.expression;
      return expression === undefined ? [] : [{ path: [...place, 'expression'], expression }];
    }),
  ];
}

/** An attestor with what its expressions gave in their places. */
export function withTexts(attestor: ImageAttestor, texts: readonly string[]): ImageAttestor {
  const left = [...texts];
  const next = (): string => left.shift() ?? '';
  const filled = (source: TextOrExpression): TextOrExpression =>
    source.expression === undefined ? source : { value: next() };
  const { cosign, notary } = attestor;
  const own = cosign === undefined ? {} : { cosign: withCosign(cosign, next, filled) };
  if (notary === undefined) return { ...attestor, ...own };
  const { certs, tsaCerts } = notary;
  return {
    ...attestor,
    ...own,
    notary: {
      ...(certs === undefined ? {} : { certs: filled(certs) }),
      ...(tsaCerts === undefined ? {} : { tsaCerts: filled(tsaCerts) }),
    },
  };
}

function withCosign(
  cosign: CosignAttestor,
  next: () => string,
  filled: (source: TextOrExpression) => TextOrExpression,
): CosignAttestor {
  const { key, certificate, ...rest } = cosign;
  const { expression, ...plain } = key ?? {};
  const made = key === undefined ? {} : { key: expression === undefined ? plain : { ...plain, data: next() } };
  if (certificate === undefined) return { ...rest, ...made };
  const { cert, certChain } = certificate;
  return {
    ...rest,
    ...made,
    certificate: {
      ...(cert === undefined ? {} : { cert: filled(cert) }),
      ...(certChain === undefined ? {} : { certChain: filled(certChain) }),
    },
  };
}

function at({ cosign, notary }: ImageAttestor, [kind, name, part]: readonly string[]): TextOrExpression | undefined {
  if (kind === 'notary') return name === 'certs' ? notary?.certs : notary?.tsaCerts;
  return part === 'cert' ? cosign?.certificate?.cert : cosign?.certificate?.certChain;
}
